/*
 * Text from documents is data: what a model's tokenizer or its server would take for control is
 * made harmless before it gets into a prompt.
 *
 * A control token keeps its letters and loses its power: its first bracket becomes the full-width
 * form, `<` U+FF1C and `[` U+FF3B, so that `<|im_start|>` reads `＜|im_start|>`. Tokens, in any
 * case of letters:
 *
 *   <|...            ChatML, Llama 3, Phi, Qwen, gpt-oss and all others that use this form;
 *                    also with the full-width bar U+FF5C (DeepSeek)
 *   <name> </name>   s, unk, pad, bos, eos, mask, img, image, image_soft_token, img_break, img_end,
 *                    video, audio, start_of_turn, end_of_turn, start_of_image, end_of_image,
 *                    boi, eoi, think, tool_call, tool_response, system, user, assistant
 *   <start_.. <end_.. <image_.. <unused.. <__..__>    the same with a number or a variant
 *   <<SYS>> <</SYS>> Llama 2
 *   [img] [img-N]    where Ollama puts a picture
 *   [INST] [/INST] [IMG] [IMG_BREAK] [IMG_END] [SYSTEM_PROMPT] [AVAILABLE_TOOLS] [TOOL_CALLS]
 *   [TOOL_RESULTS] [TOOL_CONTENT] [PREFIX] [SUFFIX] [MIDDLE] and their [/...]    Mistral, Llama 2
 *
 * Control characters other than tab and line feed become spaces.
 */
#ifndef JD_ANSWER_NEUTRAL_H
#define JD_ANSWER_NEUTRAL_H

#include <glib.h>

/** A harmless copy of valid UTF-8 text; NULL gives "". */
char *jd_neutral_text(const char *text);

/**
 * The same for a passage among numbered sources: a bracketed number of its own, as "[5]" in a text
 * with references, gets full-width brackets too, so that nothing in it looks like a source's
 * number. A number right behind a letter, digit or bracket ("a[0]") stays: that is code.
 */
char *jd_neutral_passage(const char *text);

#endif
