/* Many files in requests that the server can take. */

/* One request becomes one job. The server takes more (docs/server.md); this way reading begins early, and what breaks off
 * has not to be sent again from its start. */
const PART_FILES = 1000, PART_BYTES = 256e6;

const folderOf = (name) => name.slice(0, name.lastIndexOf("/") + 1);
const compare = (a, b) => a < b ? -1 : a > b ? 1 : 0;
const areNested = (a, b) => a.startsWith(b) || b.startsWith(a);
export const sizeOf = (files) => files.reduce((sum, { file }) => sum + file.size, 0);

/**
 * [{ file, name }] as a list of such lists. A page finds its pictures only in the same request, so a folder stays together
 * with those below it as far as a request holds them.
 */
export function partsOf(files) {
    const sorted = [...files].sort((a, b) => compare(folderOf(a.name), folderOf(b.name)) || compare(a.name, b.name));
    const parts = [];
    let part = [], size = 0, seam = 0; /* where the part can be cut */
    for (const one of sorted) {
        if (part.length && !areNested(folderOf(one.name), folderOf(part.at(-1).name)))
            seam = part.length;
        while (part.length && (part.length >= PART_FILES || size + one.file.size > PART_BYTES)) {
            const rest = part.splice(seam || part.length);
            parts.push(part);
            [part, size, seam] = [rest, sizeOf(rest), 0];
        }
        part.push(one);
        size += one.file.size;
    }
    return part.length ? [...parts, part] : parts;
}
