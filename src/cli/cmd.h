/* The commands' table entries, each in a file of its own. */
#ifndef JD_CLI_CMD_H
#define JD_CLI_CMD_H

#include "cli/command.h"

extern const jd_command jd_command_ask;
extern const jd_command jd_command_backup;
extern const jd_command jd_command_chat;
extern const jd_command jd_command_doctor;
extern const jd_command jd_command_encode;
extern const jd_command jd_command_embed;
extern const jd_command jd_command_export;
extern const jd_command jd_command_generate;
extern const jd_command jd_command_help;
extern const jd_command jd_command_import_article;
extern const jd_command jd_command_ingest;
extern const jd_command jd_command_ls;
extern const jd_command jd_command_mcp;
extern const jd_command jd_command_model;
extern const jd_command jd_command_rerank;
extern const jd_command jd_command_rm;
extern const jd_command jd_command_search;
extern const jd_command jd_command_serve;
extern const jd_command jd_command_show;
extern const jd_command jd_command_verify;
extern const jd_command jd_command_version;

/* The parts of jd_command_model. */
extern const jd_command jd_command_model_add;
extern const jd_command jd_command_model_bench;
extern const jd_command jd_command_model_list;
extern const jd_command jd_command_model_pull;
extern const jd_command jd_command_model_rm;

#endif
