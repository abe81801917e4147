/* Runs a fuzz target over the files of its corpus (files and folders, as arguments), so that what
 * fuzzing once found is tested by every test run. */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path);

static int replay_folder(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) folder = g_dir_open(path, 0, &error);
    if (!folder) {
        fprintf(stderr, "%s\n", error->message);
        return -1;
    }
    int total = 0;
    for (const char *name; (name = g_dir_read_name(folder));) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        int done = replay(inner);
        if (done < 0)
            return -1;
        total += done;
    }
    return total;
}

/* The number of inputs run; -1 where one could not be read. */
static int replay(const char *path)
{
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        return replay_folder(path);
    g_autoptr(GError) error = NULL;
    g_autofree char *data = NULL;
    gsize size;
    if (!g_file_get_contents(path, &data, &size, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return -1;
    }
    /* A copy of the exact size, without the NUL that GLib adds: the sanitizers see one byte beyond.
     */
    g_autofree uint8_t *exact = g_memdup2(data, size);
    LLVMFuzzerTestOneInput(exact ? exact : (const uint8_t *)"", size);
    return 1;
}

int main(int argc, char **argv)
{
    int total = 0;
    for (int i = 1; i < argc; i++) {
        int done = replay(argv[i]);
        if (done < 0)
            return 1;
        total += done;
    }
    printf("%d inputs\n", total);
    return total > 0 ? 0 : 1;
}
