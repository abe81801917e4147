/* Runs before the first paint: the colours and the language that were chosen last time. */
(function () {
    "use strict";
    try {
        var theme = localStorage.getItem("theme"), language = localStorage.getItem("language");
        if (theme === "light" || theme === "dark")
            document.documentElement.dataset.theme = theme;
        if (language)
            document.documentElement.lang = language;
    } catch (error) {
        /* Storage is switched off: the system's colours and the browser's language it is. */
    }
})();
