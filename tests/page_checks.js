/* What is wrong with the page as it is shown: names, roles, contrast, sizes. Returns a list of sentences. */
() => {
    const problems = [];
    const where = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 110);
    const seen = (element) => element.checkVisibility({ opacityProperty: false, visibilityProperty: true }) && element.getClientRects().length > 0
        && !element.closest("[aria-hidden=true], .hidden, .skip");
    const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);

    /* ---- names ---- */
    const nameOf = (element) => element.getAttribute("aria-label") || element.alt || element.textContent.trim()
        || [...(element.labels || [])].map((label) => label.textContent.trim()).join("");
    for (const element of all("button, a, input, select, textarea, summary, dialog, [role=img], svg[role], canvas, progress"))
        if (!nameOf(element))
            problems.push(`has no name: ${where(element)}`);
    for (const element of all("img"))
        if (!element.hasAttribute("alt"))
            problems.push(`has no alt: ${where(element)}`);

    /* ---- structure ---- */
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    for (const id of new Set(ids.filter((one, i) => ids.indexOf(one) !== i)))
        problems.push(`id twice: ${id}`);
    if (all("main").length !== 1)
        problems.push("there is not one main");
    for (const element of all("li"))
        if (!element.closest("ul, ol, menu"))
            problems.push(`an item of no list: ${where(element)}`);
    for (const element of all("button button, button a, a button, a a, summary button, label label"))
        problems.push(`one control in another: ${where(element)}`);
    for (const element of all("[aria-expanded], [aria-pressed]"))
        if (!element.matches("button, summary, a"))
            problems.push(`a state of what is no control: ${where(element)}`);
    for (const element of document.querySelectorAll("[tabindex]"))
        if (element.tabIndex > 0)
            problems.push(`has a place of its own in the order: ${where(element)}`);

    /* ---- contrast: WCAG 2, 1.4.3 ---- */
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], below) => [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
    const light = (colour) => {
        const [r, g, b] = colour.map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
        const layers = [];
        for (let one = element; one; one = one.parentElement)
            layers.unshift(rgba(getComputedStyle(one).backgroundColor));
        return layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
    };
    const opacity = (element) => {
        let sum = 1;
        for (let one = element; one; one = one.parentElement)
            sum *= Number(getComputedStyle(one).opacity);
        return sum;
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const told = new Set();
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !seen(element) || element.closest(":disabled, option, .toast, .katex") || told.has(element))
            continue;
        told.add(element);
        const below = ground(element), style = getComputedStyle(element), seenBy = opacity(element);
        if (seenBy === 0)
            continue; /* it comes with the pointer or the focus */
        const [r, g, b, a] = rgba(style.color);
        const [one, other] = [light(over([r, g, b, a * seenBy], below)), light(below)].sort((x, y) => y - x);
        const ratio = (one + 0.05) / (other + 0.05), size = parseFloat(style.fontSize);
        const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
        if (ratio < needed - 0.01)
            problems.push(`contrast ${ratio.toFixed(2)}, not ${needed}: ${where(element)}`);
    }

    /* ---- sizes: WCAG 2.2, 2.5.8: 24 pixels, but for controls within text ---- */
    for (const element of all("button, summary, select, .button")) {
        const box = element.getBoundingClientRect();
        if ((box.width < 24 || box.height < 24) && !element.matches(".cite, .plain"))
            problems.push(`${Math.round(box.width)} x ${Math.round(box.height)} pixels: ${where(element)}`);
    }
    if (document.scrollingElement.scrollWidth > innerWidth)
        problems.push(`${document.scrollingElement.scrollWidth} pixels wide in a window of ${innerWidth}`);
    return problems;
}
