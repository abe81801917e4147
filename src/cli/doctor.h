/* What `jackdaw doctor` looks at. Each part adds its findings to one list. */
#ifndef JD_CLI_DOCTOR_H
#define JD_CLI_DOCTOR_H

#include "cli/command.h"

typedef enum jd_finding_state {
    JD_FINDING_GOOD,
    JD_FINDING_MISSING, /* Jackdaw works without it; the advice says what it would add */
    JD_FINDING_BAD      /* Jackdaw does not work as it is */
} jd_finding_state;

typedef struct jd_finding {
    const char *group; /* static: "machine", "reader", ... */
    const char *name;  /* static */
    jd_finding_state state;
    char *found;
    char *advice; /* what to do, or NULL */
} jd_finding;

typedef struct jd_doctor {
    jd_cli *cli;
    const char *group;   /* of what is added next */
    GPtrArray *findings; /* jd_finding * */
} jd_doctor;

/** Adds a finding. The texts are copied; `advice` may be NULL. */
void jd_doctor_add(jd_doctor *doctor, jd_finding_state state, const char *name, const char *found,
                   const char *advice);

void jd_doctor_machine(jd_doctor *doctor);
void jd_doctor_reader(jd_doctor *doctor);
void jd_doctor_knowledge_base(jd_doctor *doctor);
void jd_doctor_models(jd_doctor *doctor);
void jd_doctor_servers(jd_doctor *doctor);
void jd_doctor_terminal(jd_doctor *doctor);

#endif
