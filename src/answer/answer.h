/*
 * Evidence becomes an answer: a prompt that fits the model's context, a language-model server, and
 * sources that the program sets itself.
 *
 * Backends are rows of one table (backend.h): ollama, openai, extract.
 */
#ifndef JD_ANSWER_ANSWER_H
#define JD_ANSWER_ANSWER_H

#include <jackdaw.h>

typedef struct jd_picture_wish {
    GPtrArray *images;   /* jd_item *; one with bytes (the question's own) is made from these */
    char *const *labels; /* one an image, or NULL; with labels or several images the result is a
                            contact sheet */
    int max_side;        /* longest side, pixels */
} jd_picture_wish;

/** Encoded pictures for a model, made by the caller (the reader process does the work). */
typedef struct jd_picture_source {
    GBytes *(*render)(const jd_picture_wish *wish, const char **media_type, void *user,
                      GError **error);
    void *user;
} jd_picture_source;

/** Tells how near texts are to the question in meaning, where the caller has an encoder. */
typedef struct jd_meaning {
    /** The cosine of each of n texts with the question. */
    gboolean (*compare)(const char *const *texts, gsize n, double *cosines, void *user,
                        GError **error);
    void *user;
} jd_meaning;

/** What answers: chosen for one request and kept for the next one that belongs to it. */
typedef struct jd_choice jd_choice;
void jd_choice_free(jd_choice *choice);

typedef struct jd_answer_request {
    const char *question;
    const char *stands_for;            /* what it means where it follows up; NULL: itself */
    const jd_results *results;         /* the evidence, best first */
    const jd_ask_options *options;     /* not NULL */
    const jd_picture_source *pictures; /* may be NULL: none are sent */
    const jd_meaning *meaning;         /* may be NULL: words alone choose what is quoted */
    GBytes *question_picture; /* a picture that belongs to the question (JPEG or PNG), or NULL */
    const jd_choice *choice;  /* of the same options; NULL: not made yet */
} jd_answer_request;

/**
 * Answers from the evidence, streaming to options->on_text. Cancelled or broken off in mid-answer:
 * what came so far is returned with complete FALSE and a note; failing before the first word is an
 * error.
 *
 * The backend "auto" takes, in this order: a model of Ollama's that takes pictures, the server that
 * OPENAI_BASE_URL names, a model of Ollama's that takes none, passages quoted from the evidence; it
 * says in a note which and why. Passages are also what it falls back to where the server fails
 * before the first word, unless a model or a server was named. Without evidence no model is asked.
 */
jd_answer *jd_answer_question(const jd_answer_request *request, GError **error);

/**
 * The request that would be sent, as JSON text: {"backend","model","method","url","body"} (extract,
 * and where there is no evidence: {"backend","passages"}). Servers are asked which models they have
 * and nothing else; where none answers, the prompt is made for the model that was named, else for
 * JD_ARTICLE_MODEL.
 */
char *jd_answer_show_prompt(const jd_answer_request *request, GError **error);

#endif
