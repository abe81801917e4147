/* Runs before the first paint: the colours and the language, as they were chosen last time or as the browser has them. The
 * page itself begins once its frame, which is HTML and CSS alone, has been painted. */
(function () {
    "use strict";
    var root = document.documentElement, theme = null, chosen = null;
    try {
        theme = localStorage.getItem("theme");
        chosen = localStorage.getItem("language");
    } catch (error) {
        /* Storage is switched off. */
    }
    if (theme === "light" || theme === "dark")
        root.dataset.theme = theme;
    root.lang = [chosen].concat(navigator.languages)
        .map(function (one) { return String(one).slice(0, 2); })
        .find(function (one) { return one === "en" || one === "es"; }) || "en";

    function begin() {
        var script = document.createElement("script");
        script.type = "module";
        script.src = "/page.js";
        document.head.append(script);
    }
    /* Behind the frame that is drawn next; a window that is not seen draws none. */
    if (document.hidden)
        begin();
    else
        requestAnimationFrame(function () { setTimeout(begin); });
})();
