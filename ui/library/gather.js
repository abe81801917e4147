/* The files of what was dropped or chosen, with their paths. Only names are looked at here: no file is read. */

/* What is in folders and nobody means to be read, as `jackdaw ingest` has it (docs/ingest.md). */
const isPassedOver = (name) => /^\.|~$|^(node_modules|__pycache__|lost\+found)$/.test(name);

const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

async function entriesOf(folder) {
    const reader = folder.createReader(), found = [];
    for (;;) {
        const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (!some.length)
            return found;
        for (const one of some)
            if (!isPassedOver(one.name))
                found.push(one);
    }
}

/**
 * { files: [{ file, name }], problems: [name] } of a drop. `counted` is called with the number of files so far: a large
 * folder takes its time.
 */
export async function droppedFiles(transfer, counted) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = [], problems = [];
    if (!entries.length)
        return { files: [...transfer.files].map((file) => ({ file, name: file.name })), problems };
    const left = entries.map((entry) => ({ entry, name: entry.name }));
    while (left.length) {
        const { entry, name } = left.pop();
        try {
            if (entry.isFile)
                files.push({ file: await fileOf(entry), name });
            else
                for (const one of await entriesOf(entry))
                    left.push({ entry: one, name: `${name}/${one.name}` });
        } catch {
            problems.push(name);
        }
        if (!entry.isFile)
            counted(files.length);
    }
    return { files, problems };
}

/** Those of a field for files. */
export const chosenFiles = (input) => [...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name }))
    .filter(({ name }) => !name.split("/").slice(1).some(isPassedOver));
