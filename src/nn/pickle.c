#include "nn/pickle.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

#include <string.h>

#define SAVE_HINT "save the tensors alone: torch.save(model.state_dict(), path)"

enum { ALL_MARKED = -1 };

struct jd_pickle {
    const jd_pickle_env *env;
    GPtrArray *values; /* all values, freed together */
    GPtrArray *stack;  /* jd_pickle_value *, not owned */
    GArray *marks;     /* guint: heights of the stack */
    GHashTable *memo;  /* guint -> jd_pickle_value * */
    const guint8 *data;
    gsize size, at;
};

static void value_free(gpointer data)
{
    jd_pickle_value *value = data;
    if (value->kind == JD_PICKLE_STRING)
        g_free(value->string);
    else if (value->kind == JD_PICKLE_TUPLE || value->kind == JD_PICKLE_LIST ||
             value->kind == JD_PICKLE_DICT)
        g_ptr_array_unref(value->items);
    g_free(value);
}

jd_pickle *jd_pickle_new(const jd_pickle_env *env)
{
    jd_pickle *pickle = g_new0(jd_pickle, 1);
    pickle->env = env;
    pickle->values = g_ptr_array_new_with_free_func(value_free);
    pickle->stack = g_ptr_array_new();
    pickle->marks = g_array_new(FALSE, FALSE, sizeof(guint));
    pickle->memo = g_hash_table_new(NULL, NULL);
    return pickle;
}

void jd_pickle_free(jd_pickle *pickle)
{
    if (!pickle)
        return;
    g_ptr_array_unref(pickle->values);
    g_ptr_array_unref(pickle->stack);
    g_array_unref(pickle->marks);
    g_hash_table_unref(pickle->memo);
    g_free(pickle);
}

gpointer jd_pickle_user(const jd_pickle *pickle)
{
    return pickle->env->user;
}

jd_pickle_value *jd_pickle_add(jd_pickle *pickle, jd_pickle_kind kind)
{
    jd_pickle_value *value = g_new0(jd_pickle_value, 1);
    value->kind = kind;
    if (kind == JD_PICKLE_TUPLE || kind == JD_PICKLE_LIST || kind == JD_PICKLE_DICT)
        value->items = g_ptr_array_new();
    g_ptr_array_add(pickle->values, value);
    return value;
}

jd_pickle_value *jd_pickle_item(const jd_pickle_value *value, guint i, jd_pickle_kind kind)
{
    if (value->kind != JD_PICKLE_TUPLE && value->kind != JD_PICKLE_LIST)
        return NULL;
    if (i >= value->items->len)
        return NULL;
    jd_pickle_value *item = value->items->pdata[i];
    return item->kind == kind ? item : NULL;
}

static gboolean invalid(const jd_pickle *pickle, GError **error, const char *what)
{
    jd_set_error(error, JD_ERROR_INVALID, "the file is cut short or damaged: get it again",
                 "the pickle %s at byte %zu", what, pickle->at);
    return FALSE;
}

/* ---- the stack ---- */

static void push(jd_pickle *pickle, jd_pickle_value *value)
{
    g_ptr_array_add(pickle->stack, value);
}

/* Height below which the values belong to what stood before the last MARK. */
static guint floor_of(const jd_pickle *pickle)
{
    return pickle->marks->len > 0 ? g_array_index(pickle->marks, guint, pickle->marks->len - 1) : 0;
}

static jd_pickle_value *top(const jd_pickle *pickle, GError **error)
{
    if (pickle->stack->len > floor_of(pickle))
        return pickle->stack->pdata[pickle->stack->len - 1];
    invalid(pickle, error, "takes from an empty stack");
    return NULL;
}

static jd_pickle_value *pop(jd_pickle *pickle, GError **error)
{
    jd_pickle_value *value = top(pickle, error);
    if (value)
        g_ptr_array_set_size(pickle->stack, (int)pickle->stack->len - 1);
    return value;
}

/* Moves the top `n` values to the end of `to`, in order. */
static gboolean take_top(jd_pickle *pickle, guint n, GPtrArray *to, GError **error)
{
    guint height = pickle->stack->len;
    if (height - floor_of(pickle) < n)
        return invalid(pickle, error, "takes from an empty stack");
    for (guint i = height - n; i < height; i++)
        g_ptr_array_add(to, pickle->stack->pdata[i]);
    g_ptr_array_set_size(pickle->stack, (int)(height - n));
    return TRUE;
}

/* The same; ALL_MARKED takes all values above the last MARK, and the MARK. */
static gboolean take_values(jd_pickle *pickle, int n, GPtrArray *to, GError **error)
{
    if (n != ALL_MARKED)
        return take_top(pickle, (guint)n, to, error);
    if (pickle->marks->len == 0)
        return invalid(pickle, error, "closes a group that it did not open");
    /* Not below the mark: pop() and take_top() stop there. */
    if (!take_top(pickle, pickle->stack->len - floor_of(pickle), to, error))
        return FALSE;
    g_array_set_size(pickle->marks, pickle->marks->len - 1);
    return TRUE;
}

/* ---- what follows an opcode ---- */

static const guint8 *take(jd_pickle *pickle, gsize n, GError **error)
{
    if (n > pickle->size - pickle->at) {
        invalid(pickle, error, "is cut short");
        return NULL;
    }
    pickle->at += n;
    return pickle->data + pickle->at - n;
}

static gboolean take_number(jd_pickle *pickle, int width, guint64 *value, GError **error)
{
    const guint8 *at = take(pickle, (gsize)width, error);
    if (!at)
        return FALSE;
    *value = 0;
    for (int i = 0; i < width; i++)
        *value |= (guint64)at[i] << (8 * i);
    return TRUE;
}

/* ---- opcodes: each takes the argument of its row in the table below ---- */

static gboolean op_proto(jd_pickle *pickle, int newest, GError **error)
{
    guint64 version;
    if (!take_number(pickle, 1, &version, error))
        return FALSE;
    if (version <= (guint64)newest)
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "save it with torch.save's default protocol",
                 "the pickle is of protocol %d; %d can be read", (int)version, newest);
    return FALSE;
}

static gboolean op_mark(jd_pickle *pickle, int unused, GError **error)
{
    g_array_append_val(pickle->marks, pickle->stack->len);
    return TRUE;
}

/* None, or an empty container. */
static gboolean op_empty(jd_pickle *pickle, int kind, GError **error)
{
    push(pickle, jd_pickle_add(pickle, (jd_pickle_kind)kind));
    return TRUE;
}

static gboolean op_bool(jd_pickle *pickle, int value, GError **error)
{
    jd_pickle_value *made = jd_pickle_add(pickle, JD_PICKLE_BOOL);
    made->integer = value;
    push(pickle, made);
    return TRUE;
}

/* One or two bytes are unsigned, four are signed. */
static gboolean op_int(jd_pickle *pickle, int width, GError **error)
{
    guint64 value;
    if (!take_number(pickle, width, &value, error))
        return FALSE;
    jd_pickle_value *made = jd_pickle_add(pickle, JD_PICKLE_INT);
    made->integer = width == 4 ? (gint32)value : (gint64)value;
    push(pickle, made);
    return TRUE;
}

/* A little-endian two's complement number of up to 8 bytes; longer ones are no size of ours. */
static gboolean op_long1(jd_pickle *pickle, int widest, GError **error)
{
    guint64 width, value = 0;
    if (!take_number(pickle, 1, &width, error))
        return FALSE;
    if (width > (guint64)widest) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "the pickle has a whole number of %d bytes; at most %d can be read",
                     (int)width, widest);
        return FALSE;
    }
    if (!take_number(pickle, (int)width, &value, error))
        return FALSE;
    if (width > 0 && width < 8 && (value >> (8 * width - 1)) != 0)
        value |= G_MAXUINT64 << (8 * width);
    jd_pickle_value *made = jd_pickle_add(pickle, JD_PICKLE_INT);
    made->integer = (gint64)value;
    push(pickle, made);
    return TRUE;
}

static gboolean op_float(jd_pickle *pickle, int width, GError **error)
{
    const guint8 *at = take(pickle, (gsize)width, error);
    if (!at)
        return FALSE;
    guint64 bits;
    memcpy(&bits, at, sizeof bits);
    bits = GUINT64_FROM_BE(bits);
    jd_pickle_value *made = jd_pickle_add(pickle, JD_PICKLE_FLOAT);
    memcpy(&made->real, &bits, sizeof bits);
    push(pickle, made);
    return TRUE;
}

/* The argument is the width of the length in front. */
static gboolean op_string(jd_pickle *pickle, int width, GError **error)
{
    guint64 length;
    if (!take_number(pickle, width, &length, error))
        return FALSE;
    const guint8 *at = take(pickle, (gsize)length, error);
    if (!at)
        return FALSE;
    g_autofree char *copy = g_strndup((const char *)at, (gsize)length);
    if (!g_utf8_validate_len(copy, (gsize)length, NULL)) /* refuses NUL as well */
        return invalid(pickle, error, "has a string that is no UTF-8 text");
    jd_pickle_value *made = jd_pickle_add(pickle, JD_PICKLE_STRING);
    made->string = g_steal_pointer(&copy);
    push(pickle, made);
    return TRUE;
}

/* The argument is the number of items; -1: all above the last MARK. */
static gboolean op_tuple(jd_pickle *pickle, int n, GError **error)
{
    jd_pickle_value *tuple = jd_pickle_add(pickle, JD_PICKLE_TUPLE);
    if (!take_values(pickle, n, tuple->items, error))
        return FALSE;
    push(pickle, tuple);
    return TRUE;
}

static gboolean add_to_top(jd_pickle *pickle, jd_pickle_kind kind, const GPtrArray *taken,
                           GError **error)
{
    jd_pickle_value *container = top(pickle, error);
    if (!container)
        return FALSE;
    if (container->kind != kind)
        return invalid(pickle, error, "adds to what is no list or dict");
    if (kind == JD_PICKLE_DICT && taken->len % 2 != 0)
        return invalid(pickle, error, "has a key without a value");
    for (guint i = 0; i < taken->len; i++)
        g_ptr_array_add(container->items, taken->pdata[i]);
    return TRUE;
}

static gboolean op_add_to_list(jd_pickle *pickle, int n, GError **error)
{
    g_autoptr(GPtrArray) taken = g_ptr_array_new();
    return take_values(pickle, n, taken, error) && add_to_top(pickle, JD_PICKLE_LIST, taken, error);
}

static gboolean op_add_to_dict(jd_pickle *pickle, int n, GError **error)
{
    g_autoptr(GPtrArray) taken = g_ptr_array_new();
    return take_values(pickle, n, taken, error) && add_to_top(pickle, JD_PICKLE_DICT, taken, error);
}

/* A line of the pickle as text; NULL with an error where it has no end. */
static char *take_line(jd_pickle *pickle, GError **error)
{
    const guint8 *start = pickle->data + pickle->at;
    const guint8 *stop = memchr(start, '\n', pickle->size - pickle->at);
    if (!stop) {
        invalid(pickle, error, "is cut short");
        return NULL;
    }
    pickle->at += (gsize)(stop - start) + 1;
    return g_utf8_make_valid((const char *)start, stop - start);
}

static gboolean op_global(jd_pickle *pickle, int unused, GError **error)
{
    g_autofree char *module = take_line(pickle, error);
    g_autofree char *name = module ? take_line(pickle, error) : NULL;
    if (!name)
        return FALSE;
    const jd_pickle_env *env = pickle->env;
    for (gsize i = 0; i < env->global_count; i++) {
        const jd_pickle_global *global = &env->globals[i];
        if (!g_str_equal(global->module, module) || !g_str_equal(global->name, name))
            continue;
        jd_pickle_value *made = jd_pickle_add(pickle, JD_PICKLE_GLOBAL);
        made->global = global;
        push(pickle, made);
        return TRUE;
    }
    g_autofree char *asked = g_strconcat(module, ".", name, NULL);
    g_autofree char *shown = jd_text_shorten(asked, 120);
    jd_set_error(error, JD_ERROR_UNSUPPORTED, SAVE_HINT,
                 "the pickle asks for %s; only tensors are read, nothing is executed", shown);
    return FALSE;
}

static gboolean op_reduce(jd_pickle *pickle, int unused, GError **error)
{
    jd_pickle_value *args = pop(pickle, error);
    jd_pickle_value *callable = args ? pop(pickle, error) : NULL;
    if (!callable)
        return FALSE;
    if (callable->kind != JD_PICKLE_GLOBAL || !callable->global->call ||
        args->kind != JD_PICKLE_TUPLE)
        return invalid(pickle, error, "calls what cannot be called");
    jd_pickle_value *made = callable->global->call(pickle, args, error);
    if (made)
        push(pickle, made);
    return made != NULL;
}

/* Attributes, such as a state dict's _metadata, say nothing about the tensors: dropped. */
static gboolean op_build(jd_pickle *pickle, int unused, GError **error)
{
    return pop(pickle, error) && top(pickle, error);
}

static gboolean op_persistent(jd_pickle *pickle, int unused, GError **error)
{
    jd_pickle_value *id = pop(pickle, error);
    jd_pickle_value *made = id ? pickle->env->persistent(pickle, id, error) : NULL;
    if (made)
        push(pickle, made);
    return made != NULL;
}

static gboolean op_put(jd_pickle *pickle, int width, GError **error)
{
    guint64 index;
    jd_pickle_value *value = top(pickle, error);
    if (!value || !take_number(pickle, width, &index, error))
        return FALSE;
    g_hash_table_insert(pickle->memo, GUINT_TO_POINTER((guint)index), value);
    return TRUE;
}

static gboolean op_get(jd_pickle *pickle, int width, GError **error)
{
    guint64 index;
    if (!take_number(pickle, width, &index, error))
        return FALSE;
    jd_pickle_value *value = g_hash_table_lookup(pickle->memo, GUINT_TO_POINTER((guint)index));
    if (!value)
        return invalid(pickle, error, "refers to a value that it never made");
    push(pickle, value);
    return TRUE;
}

enum { OP_STOP = '.' };

static const struct operation {
    gboolean (*run)(jd_pickle *pickle, int argument, GError **error);
    int argument;
} operations[256] = {
    [0x80] = {op_proto, 2},
    ['('] = {op_mark},
    ['N'] = {op_empty, JD_PICKLE_NONE},
    [0x88] = {op_bool, TRUE},
    [0x89] = {op_bool, FALSE},
    ['J'] = {op_int, 4},
    ['K'] = {op_int, 1},
    ['M'] = {op_int, 2},
    [0x8A] = {op_long1, 8},
    ['G'] = {op_float, 8},
    ['X'] = {op_string, 4},
    ['U'] = {op_string, 1}, /* Python 2's str */
    [')'] = {op_empty, JD_PICKLE_TUPLE},
    [']'] = {op_empty, JD_PICKLE_LIST},
    ['}'] = {op_empty, JD_PICKLE_DICT},
    ['t'] = {op_tuple, ALL_MARKED},
    [0x85] = {op_tuple, 1},
    [0x86] = {op_tuple, 2},
    [0x87] = {op_tuple, 3},
    ['a'] = {op_add_to_list, 1},
    ['e'] = {op_add_to_list, ALL_MARKED},
    ['s'] = {op_add_to_dict, 2},
    ['u'] = {op_add_to_dict, ALL_MARKED},
    ['c'] = {op_global},
    ['R'] = {op_reduce},
    ['b'] = {op_build},
    ['Q'] = {op_persistent},
    ['q'] = {op_put, 1},
    ['r'] = {op_put, 4},
    ['h'] = {op_get, 1},
    ['j'] = {op_get, 4},
};

static gboolean step(jd_pickle *pickle, guint8 code, GError **error)
{
    const struct operation *operation = &operations[code];
    if (!operation->run) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, SAVE_HINT,
                     "the pickle uses opcode 0x%02x at byte %zu; only tensors are read, nothing is "
                     "executed",
                     code, pickle->at - 1);
        return FALSE;
    }
    if (pickle->values->len >= JD_LIMIT_PICKLE_VALUES ||
        g_hash_table_size(pickle->memo) >= JD_LIMIT_PICKLE_VALUES) {
        jd_set_error(error, JD_ERROR_LIMIT, SAVE_HINT, "the pickle makes more than %d values",
                     JD_LIMIT_PICKLE_VALUES);
        return FALSE;
    }
    return operation->run(pickle, operation->argument, error);
}

jd_pickle_value *jd_pickle_run(jd_pickle *pickle, GBytes *data, gsize *used, GError **error)
{
    pickle->data = g_bytes_get_data(data, &pickle->size);
    pickle->at = 0;
    g_ptr_array_set_size(pickle->stack, 0);
    g_array_set_size(pickle->marks, 0);
    g_hash_table_remove_all(pickle->memo);
    for (;;) {
        const guint8 *code = take(pickle, 1, error);
        if (!code)
            return NULL;
        if (*code == OP_STOP)
            break;
        if (!step(pickle, *code, error))
            return NULL;
    }
    jd_pickle_value *result = pop(pickle, error);
    if (result && used)
        *used = pickle->at;
    return result;
}
