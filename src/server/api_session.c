/* The page's way in: the token becomes a cookie that scripts cannot read. */
#include "server/api.h"
#include "server/params.h"
#include "server/service.h"

/* Browsers keep it as long as the tab's session; other sites' requests do not carry it. */
static void set_cookie(jd_call *call, const char *value, const char *more)
{
    g_autofree char *cookie =
        g_strdup_printf(JD_GATE_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict%s", value, more);
    jd_call_set_header(call, "Set-Cookie", cookie);
    jd_call_reply_empty(call, 204);
}

static gboolean begin(jd_call *call, GError **error)
{
    const jd_gate *gate = &jd_call_service(call)->gate;
    g_auto(jd_params) params = {0};
    const char *token = "";
    if (!jd_params_init(&params, call, error) || !jd_params_text(&params, "token", &token, error) ||
        !jd_params_end(&params, error))
        return FALSE;
    if (gate->token && !jd_gate_is_token(gate, token)) {
        jd_set_http_error(error, 401, "the server printed it when it first started",
                          "this is not the token");
        return FALSE;
    }
    set_cookie(call, gate->token ? gate->token : "", "");
    return TRUE;
}

static gboolean end(jd_call *call, GError **error)
{
    set_cookie(call, "", "; Max-Age=0");
    return TRUE;
}

static const jd_route routes[] = {
    {"POST", "/api/v1/session", begin, .flags = JD_ROUTE_PUBLIC},
    {"DELETE", "/api/v1/session", end, .flags = JD_ROUTE_PUBLIC},
    {NULL},
};

const jd_route_table jd_routes_session = {"/api/v1/session", routes, jd_put_error};
