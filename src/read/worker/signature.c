#include "read/worker/signature.h"

#include <string.h>

typedef struct signature {
    const char *kind;
    gsize offset;
    const char *bytes;
    gsize length;
    gboolean sure;
} signature;

#define AT(offset, bytes, sure, kind)                                                              \
    {                                                                                              \
        kind, offset, bytes, sizeof(bytes) - 1, sure                                               \
    }

/* In the order of looking: a container's special cases stand before the container. */
static const signature signatures[] = {
    AT(0, "%PDF-", TRUE, "PDF documents"),
    AT(0, "{\\rtf", TRUE, "RTF documents"),
    AT(0, "%!PS", TRUE, "PostScript documents"),
    AT(0,
       "\x7F"
       "ELF",
       TRUE, "ELF programs"),
    AT(30, "mimetypeapplication/epub+zip", TRUE, "EPUB books"),
    AT(30, "mimetypeapplication/vnd.oasis.opendocument", TRUE, "OpenDocument files"),
    AT(30, "[Content_Types].xml", TRUE, "Office documents (docx, xlsx, pptx)"),
    AT(30, "_rels/.rels", TRUE, "Office documents (docx, xlsx, pptx)"),
    AT(0, "PK\x03\x04", TRUE, "ZIP archives"),
    AT(0, "PK\x05\x06", TRUE, "ZIP archives"),
    AT(0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", TRUE, "old Office documents (doc, xls, ppt)"),
    AT(0, "\x1F\x8B", TRUE, "gzip files"),
    AT(0, "BZh", FALSE, "bzip2 files"),
    AT(0,
       "\xFD"
       "7zXZ",
       TRUE, "xz files"),
    AT(0, "\x28\xB5\x2F\xFD", TRUE, "Zstandard files"),
    AT(0, "7z\xBC\xAF\x27\x1C", TRUE, "7z archives"),
    AT(0, "Rar!\x1A\x07", TRUE, "RAR archives"),
    AT(257, "ustar", FALSE, "tar archives"),
    AT(0, "SQLite format 3", TRUE, "SQLite databases"),
    AT(0, "MZ", FALSE, "Windows programs"),
    AT(0, "\xCF\xFA\xED\xFE", TRUE, "macOS programs"),
    AT(0, "\xCA\xFE\xBA\xBE", TRUE, "macOS programs or Java classes"),
    AT(0, "\0asm", TRUE, "WebAssembly programs"),
    AT(0, "II*\0", TRUE, "TIFF pictures"),
    AT(0, "MM\0*", TRUE, "TIFF pictures"),
    AT(0, "BM", FALSE, "BMP pictures"),
    AT(0, "8BPS", TRUE, "Photoshop pictures"),
    AT(0, "\xFF\x0A", FALSE, "JPEG XL pictures"),
    AT(0, "\0\0\0\x0CJXL ", TRUE, "JPEG XL pictures"),
    AT(0, "\0\0\0\x0CjP  ", TRUE, "JPEG 2000 pictures"),
    AT(0, "\0\0\1\0", TRUE, "icon files"),
    AT(4, "ftypavif", TRUE, "AVIF pictures"),
    AT(4, "ftypheic", TRUE, "HEIC pictures"),
    AT(4, "ftypheix", TRUE, "HEIC pictures"),
    AT(4, "ftypmif1", TRUE, "HEIC pictures"),
    AT(4, "ftypM4A", TRUE, "MP4 sound files"),
    AT(4, "ftyp", TRUE, "MP4 videos"),
    AT(0, "\x1A\x45\xDF\xA3", TRUE, "Matroska or WebM videos"),
    AT(8, "AVI LIST", FALSE, "AVI videos"),
    AT(8, "WAVEfmt ", FALSE, "WAV sound files"),
    AT(0, "ID3", FALSE, "MP3 sound files"),
    AT(0, "\xFF\xFB", FALSE, "MP3 sound files"),
    AT(0, "OggS\0", TRUE, "Ogg sound or video files"),
    AT(0, "fLaC\0", TRUE, "FLAC sound files"),
    AT(0, "wOFF", FALSE, "fonts"),
    AT(0, "wOF2", FALSE, "fonts"),
    AT(0, "\0\1\0\0\0", TRUE, "fonts"),
    AT(0, "OTTO\0", TRUE, "fonts"),
    AT(0, "\x93NUMPY", TRUE, "NumPy arrays"),
    AT(0, "\0\0\0\0\0\0\0\0", TRUE, "files that begin with zero bytes"),
};

const char *jd_signature_kind(const char *data, gsize size, gboolean *sure)
{
    for (gsize i = 0; i < G_N_ELEMENTS(signatures); i++) {
        const signature *s = &signatures[i];
        if (size >= s->offset + s->length && memcmp(data + s->offset, s->bytes, s->length) == 0) {
            *sure = s->sure;
            return s->kind;
        }
    }
    *sure = FALSE;
    return NULL;
}
