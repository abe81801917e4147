/* A loaded model: model.c loads it, model_run.c runs it. */
#ifndef JD_EMBED_MODEL_STATE_H
#define JD_EMBED_MODEL_STATE_H

#include "embed/family.h"

struct jd_model {
    jd_model_info info;
    const jd_family *family;
    void *state;
    jd_engine *engine;
    jd_scratch_pool *scratches;
    jd_pack *pack;
    jd_checkpoint *checkpoint;
    jd_tokenizer *tokenizer; /* NULL: the folder has none */
    jd_config *prompts;      /* config_sentence_transformers.json, or NULL */
};

#endif
