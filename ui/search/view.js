/* Being written. */
import { empty, h } from "/dom.js";
import { t } from "/text.js";
export const create = () => ({ element: h("section.sheet", null, empty("search", t("search"))), show() {} });
