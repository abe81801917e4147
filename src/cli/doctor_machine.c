/* jackdaw doctor: the libraries, the processor and the terminal. */
#include "cli/doctor.h"
#include "cli/processor.h"

#include <curl/curl.h>
#include <jackdaw.h>
#include <jansson.h>
#include <sqlite3.h>
#include <string.h>

static void add_libraries(jd_doctor *doctor)
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    const char *tls = curl && curl->ssl_version ? curl->ssl_version : "without TLS";
    g_autofree char *found =
        g_strdup_printf("GLib %u.%u.%u, SQLite %s, jansson %s, libcurl %s (%s)", glib_major_version,
                        glib_minor_version, glib_micro_version, sqlite3_libversion(),
                        jansson_version_str(), curl ? curl->version : "missing", tls);
    jd_doctor_add(doctor, curl ? JD_FINDING_GOOD : JD_FINDING_MISSING, "libraries", found,
                  curl ? NULL : "install libcurl (libcurl.so.4): model servers need it");
}

static void add_processor(jd_doctor *doctor)
{
    g_autofree char *features = jd_processor_features();
    g_autofree char *found =
        g_strdup_printf("%u cores%s%s", g_get_num_processors(), *features ? ", " : "", features);
    jd_doctor_add(doctor, JD_FINDING_GOOD, "processor", found, NULL);
}

void jd_doctor_machine(jd_doctor *doctor)
{
    doctor->group = "Machine";
    jd_doctor_add(doctor, JD_FINDING_GOOD, "jackdaw", jd_version(), NULL);
    add_libraries(doctor);
    add_processor(doctor);
}
