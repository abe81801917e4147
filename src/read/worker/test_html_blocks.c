/* The main text of HTML pages: real habits of blogs, exports and saved pages, one a case. */
#include "read/worker/test_dump.h"

static const test_case cases[] = {
    {"paragraphs",
     "<p>One <b>bold</b>\n"
     "  word.</p><p>Two&nbsp;&amp; three</p>",
     "P [] One bold word.\n"
     "P [] Two & three"},
    {"paragraphs without end tags", "<p>One<p>Two<div>Three</div>Four",
     "P [] One\n"
     "P [] Two\n"
     "P [] Three\n"
     "P [] Four"},
    {"bare text",
     "<body>Bare text<div>in a div <span>and span</span></div>tail<section>in a section</section>",
     "P [] Bare text\n"
     "P [] in a div and span\n"
     "P [] tail\n"
     "P [] in a section"},
    {"line breaks", "<p>Rose<br>is a rose</p>One<br><br>Two<br>still two<br/> <br/>Three",
     "P [] Rose is a rose\n"
     "P [] One\n"
     "P [] Two still two\n"
     "P [] Three"},
    {"invisible characters", "<p>infor&shy;mation zero&#8203;width no&nbsp;break</p>",
     "P [] information zerowidth no break"},
    {"sections",
     "<h1>Guide</h1><p>a</p><h2>Setup</h2><p>b</p><h3>Linux</h3><p>c</p><h2>Use</h2><p>d</"
     "p><h1>Notes</h1><p>e</p>",
     "P [] a\n"
     "P [Setup] b\n"
     "P [Setup > Linux] c\n"
     "P [Use] d\n"
     "P [Notes] e"},
    {"skipped levels",
     "<title>T</title><h2>A</h2><p>1</p><h4>B</h4><p>2</p><h3>C</h3><p>3</p><h6>D</h6><p>4</p>",
     "P [A] 1\n"
     "P [A > B] 2\n"
     "P [A > C] 3\n"
     "P [A > C > D] 4"},
    {"title as heading", "<title>Cats</title><h1>Cats</h1><p>a</p><h2>Food</h2><p>b</p>",
     "P [] a\n"
     "P [Food] b"},
    {"title with the site's name",
     "<title>Cats and dogs | My Blog</title><h1>Cats and dogs</h1><p>a</p><h3>Food</h3><p>b</p>",
     "P [] a\n"
     "P [Food] b"},
    {"medium's two titles",
     "<title>Cats</title><header><h1>Cats</h1></header><section data-field=\"subtitle\">On "
     "cats</section><section><h3 class=\"graf--title\">Cats</h3><h4 class=\"graf--subtitle\">On "
     "cats</h4><p>Text</p><h3>Food</h3><p>b</p></section>",
     "P [] On cats\n"
     "P [] Text\n"
     "P [Food] b"},
    {"heading in a link, and link in a heading",
     "<a href=\"x\"><h2>Linked</h2></a><p>a</p><h2><a href=\"#y\">Other</a><a class=\"headerlink\" "
     "href=\"#y\">¶</a></h2><p>b</p>",
     "P [Linked] a\n"
     "P [Other] b"},
    {"heading of a picture", "<h1><img src=\"logo.png\" alt=\"Jackdaw\"></h1><p>a</p>",
     "I [] logo.png alt=Jackdaw\n"
     "P [] a"},
    {"empty heading", "<h2>A</h2><p>a</p><h2> </h2><p>b</p>",
     "P [A] a\n"
     "P [A] b"},
    {"list", "<ul><li>One</li><li>Two <b>bold</b></li></ul>",
     "L [] - One\n"
     "- Two bold"},
    {"ordered list", "<ol start=\"3\"><li>three<li>four</ol>",
     "L [] 3. three\n"
     "4. four"},
    {"nested lists",
     "<ul><li>A<ul><li>A1</li><li>A2<ol><li>x</li></ol></li></ul></li><li>B</li></ul>",
     "L [] - A\n"
     "  - A1\n"
     "  - A2\n"
     "    1. x\n"
     "- B"},
    {"list items with paragraphs", "<ol><li><p>One</p><p>more</p></li><li><p>Two</p></li></ol>",
     "L [] 1. One more\n"
     "2. Two"},
    {"list with code",
     "<ol><li>Run<pre>make\n"
     "make test</pre></li><li>Done</li></ol>",
     "L [] 1. Run\n"
     "C [] make\n"
     "make test\n"
     "L [] 2. Done"},
    {"list with pictures",
     "<ol><li>Click <img src=\"a.png\"></li><li>Then this <img src=\"b.png\" "
     "alt=\"b\"></li><li>End</li></ol>",
     "L [] 1. Click\n"
     "I [] a.png\n"
     "L [] 2. Then this\n"
     "I [] b.png alt=b\n"
     "L [] 3. End"},
    {"nested list behind an empty item",
     "<ul><li><ul><li>inner</li></ul></li><li></li><li>outer</li></ul>",
     "L []   - inner\n"
     "- outer"},
    {"text after a nested list", "<ul><li>A<ul><li>B</li></ul>still A</li></ul>",
     "L [] - A\n"
     "  - B\n"
     "  still A"},
    {"cards", "<ul><li><h3>One</h3><p>First</p></li><li><h3>Two</h3><p>Second</p></li></ul>",
     "L [One] - First\n"
     "L [Two] - Second"},
    {"definition list",
     "<dl><dt>CLIP</dt><dd>a model</dd><dd>by "
     "OpenAI</dd><dt>RAG:</dt><dd>retrieval</dd><dt>lone</dt></dl>",
     "L [] - CLIP: a model; by OpenAI\n"
     "- RAG: retrieval\n"
     "- lone"},
    {"items without a list", "<li>One</li><li>Two</li>",
     "P [] One\n"
     "P [] Two"},
    {"table",
     "<table><tr><th>Name</th><th>Age</th></tr><tr><td>Ann</td><td>30</td></tr><tr><td></"
     "td><td><p>x</p> <p>y</p></td></tr></table>",
     "T [] Name | Age\n"
     "Ann | 30\n"
     " | x y"},
    {"table with caption, colspan and empty rows",
     "<table><caption>Ages</caption><thead><tr><th "
     "colspan=2>Who</th></tr></thead><tbody><tr><td>Ann</td><td>30</td></tr><tr><td> "
     "</td><td></td></tr></tbody></table>",
     "T [] Ages\n"
     "Who\n"
     "Ann | 30"},
    {"table for layout",
     "<table><tr><td><h2>Left</h2>nav</td><td><p>Main</p><table><tr><td>a</td><td>b</td></tr></"
     "table></td></tr></table>",
     "P [Left] nav\n"
     "P [Left] Main\n"
     "T [Left] a | b"},
    {"table of one column", "<table><tr><td>one</td></tr><tr><td>two</td></tr></table>",
     "P [] one\n"
     "P [] two"},
    {"table with list and picture",
     "<table><tr><td><ul><li>a</li><li>b</li></ul></td><td>c <img src=p.png "
     "alt=P></td></tr></table>",
     "T [] a b | c\n"
     "I [] p.png alt=P"},
    {"table without end", "<table><tr><td>a<td>b<tr><td>c<td>d",
     "T [] a | b\n"
     "c | d"},
    {"code",
     "<pre><code class=\"language-c\">\n"
     "int main(void)\n"
     "{\n"
     "    return 0;\n"
     "}\n"
     "</code></pre>",
     "C [] int main(void)\n"
     "{\n"
     "    return 0;\n"
     "}"},
    {"code with breaks and marks", "<pre>a &lt; b<br>  c<br/><span class=\"hl\">d</span></pre>",
     "C [] a < b\n"
     "  c\n"
     "d"},
    {"code in lines", "<pre><div>one</div><div>two</div></pre>",
     "C [] one\n"
     "two"},
    {"code with line numbers",
     "<table class=\"highlighttable\"><tr><td class=\"linenos\"><pre>1\n"
     "2</pre></td><td class=\"code\"><pre>x = 1\n"
     "y = 2</pre></td></tr></table>",
     "C [] x = 1\n"
     "y = 2"},
    {"quotation",
     "<blockquote><p>One</p><p>Two</p><ul><li>x</li></ul></blockquote><p>after <q>said</q></p>",
     "Q [] One\n"
     "Q [] Two\n"
     "L [] - x\n"
     "P [] after \"said\""},
    {"figure",
     "<figure><img src=\"a.png\" alt=\"A cat\"><figcaption>The <b>cat</b></figcaption></figure>",
     "I [] a.png alt=A cat caption=The cat"},
    {"figure with caption first, link and picture",
     "<figure><figcaption>Cap</figcaption><a href=x><picture><source srcset=\"a.avif\" "
     "type=\"image/avif\"><source srcset=\"a-big.webp 1600w, a-small.webp 400w\" "
     "type=\"image/webp\"><img src=\"a.jpg\"></picture></a></figure>",
     "I [] a-big.webp caption=Cap"},
    {"figure of code", "<figure><pre>x</pre><figcaption>Listing 1</figcaption></figure>",
     "C [] x\n"
     "P [] Listing 1"},
    {"gallery",
     "<figure><figure><img src=1.png><figcaption>One</figcaption></figure><img "
     "src=2.png><figcaption>All</figcaption></figure>",
     "I [] 1.png caption=One\n"
     "I [] 2.png caption=All"},
    {"wordpress caption",
     "<div class=\"wp-caption\"><img src=w.png><p "
     "class=\"wp-caption-text\">Words</p></div><p>text</p>",
     "I [] w.png caption=Words\n"
     "P [] text"},
    {"blogger caption",
     "<table class=\"tr-caption-container\"><tr><td><img src=b.png></td></tr><tr><td "
     "class=\"tr-caption\">Bl</td></tr></table>",
     "I [] b.png caption=Bl"},
    {"picture in a paragraph", "<p>before <img src=\"x.png\" alt=\" a  b \"> after</p>",
     "P [] before after\n"
     "I [] x.png alt=a b"},
    {"srcset",
     "<img src=\"s.jpg\" srcset=\"m.jpg 800w, l.jpg 1600w, xl.jpg 4000w\"><img src=s.png "
     "srcset=\"s.png 1x, d.png 2x, t.png 3x\">",
     "I [] l.jpg\n"
     "I [] d.png"},
    {"srcset with commas", "<img srcset=\"a,b.png 1x, c.png, d.png 640w\">", "I [] d.png"},
    {"saved page keeps its local source",
     "<img src=\"./page_files/a.jpg\" srcset=\"https://x.org/a.jpg 2000w\" "
     "data-src=\"/img/a.jpg\">",
     "I [] ./page_files/a.jpg"},
    {"lazy loading",
     "<img src=\"data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\" "
     "data-src=\"real.jpg\"><img src=\"/img/placeholder.png\" "
     "data-original=\"https://x.org/r.jpg\"><img data-srcset=\"a.jpg 100w, b.jpg 200w\">",
     "I [] real.jpg\n"
     "I [] https://x.org/r.jpg\n"
     "I [] b.jpg"},
    {"noscript",
     "<img "
     "src=\"data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///"
     "yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\"><noscript>Enable scripts <img "
     "src=\"real.jpg\"></noscript><img data-src=\"max/1600/x.jpg\"><noscript><img "
     "src=\"max/60/x.jpg\"></noscript>",
     "I [] real.jpg\n"
     "I [] max/1600/x.jpg"},
    {"decoration",
     "<img src=\"dot.gif\" width=1 height=1><img class=\"wp-smiley\" src=\"s.svg\" "
     "alt=\"&#128512;\"> ok <img alt=none><img src=\"\">",
     "P [] 😀 ok"},
    {"paths as written", "<img src=\" images/1*a%20b &amp; c.png \"><img src=\"file:///x/y.png\">",
     "I [] images/1*a%20b & c.png\n"
     "I [] file:///x/y.png"},
    {"embedded pictures",
     "<img alt=box "
     "src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAkAAAAMCAIAAAA/"
     "PgD0AAAAE0lEQVR42mM4ISCACzGMypEsBwCNsGHh415IVAAAAABJRU5ErkJggg==\"><img "
     "src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAkAAAAMCAIAAAA/\n"
     " PgD0AAAAE0lEQVR42mM4ISCACzGMypEsBwCNsGHh415IVAAAAABJRU5ErkJggg%3D%3D\"><img "
     "src=\"data:image/svg+xml,%3Csvg/%3E\"><img src=\"data:image/png;base64,AAAA\">",
     "I [] image/png 9x12 alt=box\n"
     "I [] image/png 9x12"},
    {"hidden",
     "<p hidden>no</p><p style=\"display: none\">no</p><p "
     "aria-hidden=\"true\">no</p><script>no</script><style>no</style><template><p>no</p></"
     "template><svg><text>no</text></svg><select><option>no</select><p>yes</p>",
     "P [] yes"},
    {"boilerplate",
     "<header>Site</header><nav><a href=x>Home</a></nav><article><p>Text</p><footer>By "
     "Ann</footer></article><footer>Imprint</footer>",
     "P [] Site\n"
     "P [] Text\n"
     "P [] By Ann"},
    {"main", "<div>Cookies!</div><main><p>Text</p></main><aside>Ads</aside>", "P [] Text"},
    {"nothing but navigation", "<nav><p>Index</p></nav><footer>Foot</footer>",
     "P [] Index\n"
     "P [] Foot"},
    {"formulas",
     "<p>Let <math alttext=\"x^2\"><mi>x</mi></math> and <span "
     "class=katex><math><semantics><mrow><mi>y</mi></mrow><annotation "
     "encoding=\"application/x-tex\">y_1</annotation></semantics></math></span> be <script "
     "type=\"math/tex\">z</script></p>",
     "P [] Let x^2 and y_1 be z"},
    {"entities", "<p>&lt;b&gt; &eacute; &#x41; &#66; &hellip; &unknown; AT&T</p>",
     "P [] <b> é A B … &unknown; AT&T"},
    {"ruby, details, checkboxes, address",
     "<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>字</p><details><summary>More</"
     "summary>inside</details><ul><li><input type=checkbox checked> done<li><input type=checkbox> "
     "open</ul>",
     "P [] 漢字\n"
     "P [] More\n"
     "P [] inside\n"
     "L [] - [x] done\n"
     "- [ ] open"},
    {"unclosed and misnested", "<p><b>one<i>two</b>three</i><div><span>four</p>five",
     "P [] onetwothree\n"
     "P [] four\n"
     "P [] five"},
    {"comment and declaration in the text",
     "<!-- x > y --><p>a<!-- <p>no</p> -->b<![CDATA[no]]></p>", "P [] ab"},
    {"button heading", "<h3><button>Question?</button></h3><p>Answer</p><button>Buy</button>",
     "P [Question?] Answer"},
};

static void test_blocks(void)
{
    test_read_cases(jd_html_read, cases, G_N_ELEMENTS(cases));
}

static void test_ranges_are_places_in_the_file(void)
{
    const char *text = "<p>One <b>two</b> &amp; three</p><p>\xC3\xA4 four</p>";
    g_autoptr(jd_document) document = test_read(jd_html_read, text, -1);
    const jd_block *first = document->blocks->pdata[0];
    const jd_block *second = document->blocks->pdata[1];
    g_autofree char *one = g_strndup(text + first->start, first->end - first->start);
    g_autofree char *two = g_strndup(text + second->start, second->end - second->start);
    g_assert_cmpstr(one, ==, "One <b>two</b> &amp; three");
    g_assert_cmpstr(two, ==, "\xC3\xA4 four");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/html/blocks", test_blocks);
    g_test_add_func("/html/ranges", test_ranges_are_places_in_the_file);
    return g_test_run();
}
