/* Unicode's normal forms (UAX #15), as the reference has them: of Unicode 9, newer characters stay
 * as they are. Linear in the length of the text, whatever marks it holds. */
#ifndef JD_EMBED_TOKENIZER_FORMS_H
#define JD_EMBED_TOKENIZER_FORMS_H

#include "embed/tokenizer_text.h"

typedef enum jd_form { JD_FORM_NFC, JD_FORM_NFD, JD_FORM_NFKC, JD_FORM_NFKD } jd_form;

void jd_form_apply(jd_form form, jd_text_buffer *buffer);

#endif
