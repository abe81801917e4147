/*
 * Every limit of Jackdaw, by name: sizes, depths, counts and times. A limit that a user may want to
 * change has an option; the value here is its default.
 */
#ifndef JD_BASE_LIMITS_H
#define JD_BASE_LIMITS_H

#define JD_KIB 1024LL
#define JD_MIB (1024 * JD_KIB)
#define JD_GIB (1024 * JD_MIB)

/* ---- reading files ---- */
#define JD_LIMIT_FILE_BYTES (256 * JD_MIB)        /* a document handed to the reader */
#define JD_LIMIT_PICTURE_BYTES (64 * JD_MIB)      /* one picture, encoded */
#define JD_LIMIT_PICTURE_SIDE 30000               /* pixels */
#define JD_LIMIT_PICTURE_PIXELS 100000000LL       /* width x height */
#define JD_LIMIT_PICTURE_CHUNK_BYTES (8 * JD_MIB) /* one piece of metadata in a picture */
#define JD_PICTURE_JPEG_QUALITY 90                /* of a picture made for a model */
#define JD_LIMIT_JPEG_SCANS 500                   /* passes of a progressive JPEG */
#define JD_LIMIT_READER_SECONDS 20                /* for one file */
#define JD_LIMIT_READER_MEMORY (1 * JD_GIB) /* address space above what the idle reader needs */
#define JD_LIMIT_READER_FILES 2000 /* files one reader process serves before it is replaced */
#define JD_LIMIT_FRAME_BYTES (512 * JD_MIB) /* one answer on the reader's pipe */
#define JD_LIMIT_READER_START_SECONDS 30 /* until a reader says hello; a loaded machine is slow */
#define JD_LIMIT_READER_DESCRIPTORS 8    /* open at once in a reader */
#define JD_LIMIT_REQUEST_BYTES (64 * JD_KIB) /* one request to a reader */
#define JD_LIMIT_NAME_BYTES 1024             /* of a file's name that a reader is told */
#define JD_LIMIT_LABEL_BYTES 256             /* a label, media type or language */
#define JD_LIMIT_MESSAGE_BYTES (16 * JD_KIB) /* an error, hint, warning, list of authors */
#define JD_LIMIT_WARNINGS 1000               /* of one document */
#define JD_LIMIT_SHEET_PICTURES 64           /* on one contact sheet */
#define JD_LIMIT_SANDBOX_FEATURES 16         /* that a reader may name */
#define JD_LIMIT_BLOCKS 1000000              /* blocks of one document */
#define JD_LIMIT_HTML_DEPTH 512              /* nested elements */
#define JD_LIMIT_SECTION_DEPTH 6             /* headings in a section path */
#define JD_LIMIT_HEADING_CHARS 300           /* of one heading in a section path */
#define JD_LIMIT_WALK_DEPTH 64               /* nested folders */

/* ---- text formats ---- */
#define JD_LIMIT_HTML_FORMATTING 32  /* nested <b>, <i>, <a>, ... that are not closed */
#define JD_LIMIT_HTML_ATTRIBUTES 256 /* of one element */
#define JD_LIMIT_LIST_DEPTH 32       /* nested lists that are told apart */
#define JD_LIMIT_ARTICLE_TEXT_BYTES (128 * JD_MIB) /* of one page: nested lists repeat theirs */

/* ---- fetching ---- */
#define JD_LIMIT_FETCH_BYTES (64 * JD_MIB)
#define JD_LIMIT_FETCH_CACHE_BYTES (1024 * (gint64)JD_MIB) /* what was used longest ago goes */
#define JD_LIMIT_FETCH_SECONDS 60
#define JD_LIMIT_FETCH_CONNECT_SECONDS 10
#define JD_LIMIT_FETCH_REDIRECTS 5
#define JD_LIMIT_FETCH_DELAY_MS 500 /* between two requests to one host */
#define JD_LIMIT_FETCH_URL_BYTES 8192
#define JD_LIMIT_ROBOTS_BYTES (500 * JD_KIB) /* RFC 9309, 2.5: at least this much is read */

/* ---- ingest ---- */
#define JD_INGEST_COMMIT_MS 50         /* documents are committed in groups of so much time, */
#define JD_INGEST_COMMIT_DOCUMENTS 256 /* or so many, whichever is first */
#define JD_INGEST_COMMIT_BYTES (32 * JD_MIB)
#define JD_INGEST_PICTURE_CACHE_BYTES (64 * JD_MIB) /* pictures that several documents show */
#define JD_INGEST_PICTURE_CACHE_ENTRIES 4096
#define JD_LIMIT_INGEST_JOBS 256
#define JD_LIMIT_DOCUMENT_WARNINGS 20 /* told of one document */

/* ---- chunks ---- */
#define JD_CHUNK_TARGET_CHARS 900
#define JD_CHUNK_LEAST_TARGET_CHARS 50
#define JD_CHUNK_MOST_TARGET_CHARS 100000
#define JD_CHUNK_OVERLAP_CHARS 120
#define JD_CHUNK_MAX_CHARS 1800       /* a list or table up to here is kept whole */
#define JD_CHUNK_NEARBY_CHARS 600     /* text kept beside an image */
#define JD_CHUNK_ARTICLE_MIN_CHARS 30 /* the article's own limit */

/* ---- queries ---- */
#define JD_LIMIT_QUERY_BYTES (32 * JD_KIB)
#define JD_LIMIT_QUERY_TERMS 64
#define JD_LIMIT_QUERY_LANGUAGES                                                                   \
    8                          /* of the base, the commonest, that a question is stemmed for       \
                                */
#define JD_LIMIT_TERM_BYTES 96 /* of one search term */
#define JD_LIMIT_K 1000
#define JD_LIMIT_TEMPERATURE_MIN 1e-6
#define JD_LIMIT_TEMPERATURE_MAX 1e6
#define JD_LIMIT_DIMENSION 8192

/* ---- stored and imported vectors ---- */
#define JD_LIMIT_VECTOR_FILE_BYTES (16 * JD_GIB)
#define JD_LIMIT_JSON_BYTES (512 * JD_MIB)
#define JD_LIMIT_NPY_HEADER_BYTES (64 * JD_KIB)
#define JD_LIMIT_ZIP_ENTRIES 1000000
#define JD_LIMIT_PICKLE_BYTES                                                                      \
    (16 * JD_MIB) /* the structure of a checkpoint, without its numbers                            \
                   */
#define JD_LIMIT_PICKLE_VALUES 2000000
#define JD_LIMIT_PICKLE_DEPTH 64 /* nested dicts and lists */
#define JD_LIMIT_TENSOR_NAME_BYTES 1024
/* Tensors that cannot be used as they lie in the file are copied: all copies together may take the
 * file's size and this. */
#define JD_LIMIT_TENSOR_COPY_BYTES (64 * JD_MIB)

/* ---- tokenizers ---- */
#define JD_LIMIT_TOKENIZER_BYTES (128 * JD_MIB) /* one of its files */
#define JD_LIMIT_VOCABULARY 4194304             /* ids run below this */
#define JD_LIMIT_MERGES 4194304                 /* of a BPE */
#define JD_LIMIT_ADDED_TOKENS 65536             /* tokens beside the vocabulary */
#define JD_LIMIT_ADDED_TOKEN_BYTES 1024         /* one of them */
#define JD_LIMIT_TOKENIZER_STEPS 64             /* normalizers, or pre-tokenizers, in a row */
#define JD_LIMIT_TOKENIZER_DEPTH 8              /* sequences within sequences */
#define JD_LIMIT_TOKENIZER_PATTERN_BYTES 4096   /* one regular expression */
#define JD_LIMIT_TOKENIZER_PATTERN_HEAP (256 * JD_MIB) /* for its backtracking */
#define JD_LIMIT_TOKENIZE_BYTES (256 * JD_MIB)         /* a text; what follows is cut off */
#define JD_LIMIT_NORMALIZED_BYTES (1 * JD_GIB)         /* the same after a replacing normalizer */

/* ---- models: fetching and installing ---- */

#define JD_LIMIT_HUB_BODY_BYTES (16 * JD_MIB) /* a hub's list of a repository's files */
#define JD_LIMIT_HUB_FILES 20000              /* of a repository, a folder or an archive */
#define JD_LIMIT_HUB_REDIRECTS 8              /* of one request */
#define JD_LIMIT_HUB_CONNECT_SECONDS 15       /* until a hub is reached */
#define JD_LIMIT_HUB_STALL_SECONDS 60         /* without a byte */
#define JD_LIMIT_HUB_RETRY_AFTER_SECONDS 300  /* the longest pause that a hub may ask for */
#define JD_HUB_RETRIES 4                      /* in a row without any progress */
#define JD_HUB_RETRY_WAIT_MS 500              /* before the first of them; doubles each time */
#define JD_HUB_LOOK_BYTES                                                                          \
    (1 * JD_MIB) /* before a larger file is fetched, the smaller are looked at */
#define JD_LIMIT_MODEL_CARD_BYTES                                                                  \
    (64 * JD_KIB)                     /* of a README.md, where its licence is looked for */
#define JD_LIMIT_MODEL_PATH_BYTES 512 /* name of a file in a model's folder */
#define JD_LIMIT_MODEL_PATH_DEPTH 16  /* folders in folders, where a model is looked for */
#define JD_LIMIT_MODEL_FILE_BYTES (64 * JD_GIB)        /* one file of a model */
#define JD_LIMIT_MODEL_SMALL_FILE_BYTES (128 * JD_MIB) /* any that holds no weights */
#define JD_LIMIT_MODEL_RECORD_BYTES (4 * JD_MIB)
#define JD_UNPACK_BYTES_A_SECOND (4 * JD_MIB) /* that even a slow machine unpacks */
#define JD_LIMIT_UNPACK_SECONDS 14400

/* ---- the knowledge base ---- */
#define JD_STORE_BUSY_TIMEOUT_MS 5000
#define JD_STORE_BLOCK_BYTES (256 * JD_KIB) /* of vectors in one row: fits a core's L2 cache */
#define JD_STORE_BLOCK_VECTORS 1024
#define JD_STORE_COMMON_ITEMS                                                                      \
    20000                             /* a word that more items hold is a common one: see search.c \
                                       */
#define JD_QUERY_BATCH_TEXTS 32       /* questions that go through an encoder together */
#define JD_QUERY_BATCH_ROUNDS 2       /* at once: one alone leaves cores idle between its layers */
#define JD_STORE_KNOWN_LENGTHS 131072 /* of fields, of items of a kind, a connection: 3 MiB */
#define JD_ENCODERS_LOOK_MS 1000      /* between two looks at which encoders are installed */
#define JD_LIMIT_SPACES 1000          /* embedding spaces that are looked after */

/* ---- the scan cache: src/store/scan/cache.h ---- */
#define JD_SCAN_ENDING ".scan-"          /* between the base's name and the place's */
#define JD_SCAN_LEAST_BLOCKS 64          /* of vectors in a place that has a cache: 16 MiB */
#define JD_SCAN_LAZY_BYTES (64 * JD_MIB) /* of vectors that one search adds to it */
#define JD_SCAN_WAIT_MS 1000             /* for searches to end where vectors are to be erased */
#define JD_SCAN_MEAN_BLOCKS 32           /* that the mean is taken of */
#define JD_SCAN_MEAN_GROWTH 8            /* a file is made anew when there are so many times more */
#define JD_SCAN_CHUNK_BLOCKS 4           /* that one thread takes at a time */

#define JD_LIMIT_JOBS 1000        /* that are over and still remembered */
#define JD_LIMIT_TITLE_BYTES 1024 /* of a conversation */

/* ---- language-model servers ---- */
#define JD_ASK_CONTEXT_TOKENS 8192
#define JD_ASK_ANSWER_TOKENS 1024
#define JD_ASK_PICTURE_SIDE 1024         /* longest side of a picture sent to a model */
#define JD_ASK_PATIENCE_MS 3000          /* without a first word: say what is waited for */
#define JD_ASK_PROBE_CONNECT_MS 1000     /* to see whether a server on this machine is there */
#define JD_ASK_PROBE_CONNECT_FAR_MS 3000 /* the same on another */
#define JD_ASK_PROBE_MS 15000            /* for a server to say what it has */
#define JD_ASK_BUSY_RETRIES 3            /* of a server whose queue is full */
#define JD_ASK_BUSY_WAIT_MS 500          /* before the first of them; doubles each time */
#define JD_ASK_OVERFLOW_RETRIES 2        /* with less evidence */
#define JD_ASK_MODELS_SHOWN 64           /* asked one by one for what they can do */
#define JD_ASK_REWRITE_SECONDS 20        /* for a model to reword a question */
#define JD_ASK_REWRITE_TOKENS 128        /* that it may say */
#define JD_ASK_REWRITE_BYTES 1000        /* a longer question stands alone */
#define JD_ASK_REWRITE_TURNS 3           /* that are shown to it, */
#define JD_ASK_REWRITE_TURN_CHARS 600    /* each text cut to so much */
#define JD_LIMIT_SERVER_LINE_BYTES (16 * JD_MIB)
#define JD_LIMIT_SERVER_BODY_BYTES (64 * JD_MIB)  /* a list of models, an error */
#define JD_LIMIT_SERVER_ANSWER_BYTES (4 * JD_MIB) /* text of one answer */
#define JD_LIMIT_SERVER_CONNECT_SECONDS 5
#define JD_LIMIT_SERVER_FIRST_BYTE_SECONDS 600 /* loading a model can take minutes */
#define JD_LIMIT_SERVER_STALL_SECONDS 120      /* between two pieces of an answer */

/* ---- answers without a model ---- */
#define JD_EXTRACT_WINDOWS 2
#define JD_EXTRACT_WINDOW_CHARS 420
#define JD_EXTRACT_FOLLOW_CHARS                                                                    \
    900                        /* a sentence that announces a list takes it along up to here       \
                                */
#define JD_EXTRACT_COMPARED 48 /* sentences, the best by their words, that an encoder compares */
#define JD_EXTRACT_PICTURES 3

/* ---- the command ---- */
#define JD_LIMIT_INPUT_LINE_BYTES (64 * JD_MIB) /* of what encode and rerank read */
#define JD_ENCODE_BATCH_LINES 64                /* are run together, */
#define JD_ENCODE_BATCH_BYTES (1 * JD_MIB)      /* or so much of them */
#define JD_LIMIT_RERANK_PASSAGES 100000
#define JD_LIMIT_THREADS 1024
#define JD_LIMIT_HISTORY_LINES 1000 /* kept of what was typed into chat */
#define JD_LIMIT_CHAT_TURNS 20      /* of a conversation that are given to the model */

/* ---- the HTTP server ---- */
#define JD_SERVER_PORT 7860
#define JD_SERVER_BACKLOG 511
#define JD_SERVER_CONNECTIONS 4096         /* open at once */
#define JD_SERVER_SPARE_CONNECTIONS 64     /* below that the idlest one has to go */
#define JD_SERVER_ADDRESS_CONNECTIONS 128  /* of one address beyond this machine */
#define JD_SERVER_HEAD_BYTES (32 * JD_KIB) /* a request without its body, and what is buffered */
#define JD_SERVER_IDLE_SECONDS 60          /* between two requests */
#define JD_SERVER_HEAD_SECONDS 10          /* from the request line to the last header */
#define JD_SERVER_BODY_SECONDS 20          /* for a body, and more for a long one: */
#define JD_SERVER_BODY_BYTES_A_SECOND (16 * JD_KIB)
#define JD_SERVER_BODY_BYTES (1 * JD_MIB)          /* where a route does not say otherwise */
#define JD_SERVER_PICTURE_BODY_BYTES (90 * JD_MIB) /* a picture in base64 and what goes with it */
#define JD_SERVER_UPLOAD_BYTES (2 * JD_GIB)        /* files to be ingested, in one request */
#define JD_SERVER_UPLOAD_FILES 10000               /* in one request */
#define JD_SERVER_SAME_NAMES 100                   /* of them with the same name */
#define JD_SERVER_FIELD_BYTES (1 * JD_MIB)         /* one field of a multipart body */
#define JD_SERVER_MULTIPART_BYTES (32 * JD_KIB)    /* buffer for taking it apart */
#define JD_SERVER_NAME_BYTES 200                   /* one part of an uploaded file's name */
#define JD_SERVER_NAME_PARTS 16                    /* folders in it */
#define JD_SERVER_BUFFERED_BYTES (512 * JD_MIB)    /* of all bodies in memory together */
#define JD_SERVER_DISCARDED_BYTES (2 * JD_MIB)     /* of a body, so that a refusal can be read */
#define JD_SERVER_EVENT_BLOCK_BYTES (16 * JD_KIB)  /* handed to the socket at once */
#define JD_SERVER_UNSENT_BYTES (16 * JD_MIB)       /* of a stream that its client does not take */
#define JD_SERVER_WAITING_CALLS 4096               /* short calls that no thread has yet */
#define JD_SERVER_PATIENCE_MS 500                  /* after which one may not be wanted any more */
#define JD_SERVER_LEAST_AT_ONCE 2                  /* short calls, or as many as there are cores */
#define JD_SERVER_WRITING_CALLS 16                 /* that wait for what they write to be written */
#define JD_SERVER_LONG_CALLS 64                    /* answers and streams under way */
#define JD_SERVER_LONG_WAITING 1024                /* calls that wait for their turn among them */
#define JD_SERVER_IDLE_BASES 32                    /* knowledge bases kept open for the next call */
#define JD_SERVER_KEEP_ALIVE_SECONDS 15            /* between two signs of life on a quiet stream */
#define JD_SERVER_WRITER_IDLE_MS 1000              /* after which others may write to the base */
#define JD_SERVER_RETRY_MS 1000                    /* until a job tries again for the base */
#define JD_SERVER_PAGE_ITEMS 50                    /* of a list where a client does not say */
#define JD_SERVER_MOST_PAGE_ITEMS 1000
#define JD_SERVER_EMBEDDINGS 2048               /* vectors in one request */
#define JD_SERVER_SNIPPET_CHARS 2000            /* of an item, where a client asks for one */
#define JD_SERVER_THUMBNAIL_BYTES (64 * JD_MIB) /* kept in memory */
#define JD_MAP_POINTS 2000 /* of the embedding space, where a client does not say */
#define JD_MAP_MOST_POINTS 5000
#define JD_MAP_LABEL_CHARS 120
#define JD_MAP_CACHED 8                    /* maps kept in memory */
#define JD_MCP_CALLS 8                     /* under way at once on one pair of streams */
#define JD_MCP_PICTURE_SIDE 4096           /* the longest side that a client may ask for */
#define JD_MCP_DOCUMENT_BYTES (1 * JD_MIB) /* of a document that is read as a resource */
#define JD_SERVER_CANCEL_SECONDS 5         /* and then for those that were told to stop */
#define JD_SERVER_GRACE_SECONDS 30         /* for streams to end when the server stops */

#endif
