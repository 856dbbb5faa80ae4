using Webmail.MailCore.Mime;

namespace Webmail.MailCore.Tests.Mime;

public sealed class SafeHtmlTests
{
    private static string Read(string html, bool allowRemote = false) =>
        SafeHtml.ForReading(html, cid => cid == "logo" ? "/content/F1-1/2/cid/logo" : null, allowRemote)!.Html;

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("<svg onload=alert(1)><script>1</script></svg>")]
    [InlineData("<math><mtext><table><mglyph><style><img src onerror=alert(1)></style></mglyph></table></mtext></math>")]
    [InlineData("<a href='javascript:alert(1)'>x</a>")]
    [InlineData("<a href=' java\nscript:alert(1)'>x</a>")]
    [InlineData("<a href='data:text/html,<script>alert(1)</script>'>x</a>")]
    [InlineData("<iframe src='https://evil.test'></iframe>")]
    [InlineData("<form action='https://evil.test'><input name=a><button>x</button></form>")]
    [InlineData("<meta http-equiv=refresh content='0;url=https://evil.test'>")]
    [InlineData("<base href='https://evil.test/'>")]
    [InlineData("<link rel=stylesheet href='https://evil.test/x.css'>")]
    [InlineData("<object data='https://evil.test'></object><embed src='https://evil.test'>")]
    [InlineData("<style>@import 'https://evil.test/x.css';</style>")]
    [InlineData("<style>@font-face { font-family: x; src: url(https://evil.test/f) }</style>")]
    [InlineData("<style>p { background: url(https://evil.test/a) }</style><p>x</p>")]
    [InlineData("<p style='background: url(https://evil.test/a)'>x</p>")]
    [InlineData("<img srcset='https://evil.test/a 2x'>")]
    [InlineData("<video poster='https://evil.test/a'></video><audio src='https://evil.test/b'></audio>")]
    [InlineData("<img src='//evil.test/a'>")]
    [InlineData("<table background='https://evil.test/a'><tr><td>x</td></tr></table>")]
    [InlineData("<style></style><img title='</style><img src=x onerror=alert(1)>'>")]
    [InlineData("<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>")]
    [InlineData("<p style='width: expression(alert(1))'>x</p>")]
    [InlineData("<template><script>alert(1)</script></template>")]
    public void Leaves_nothing_that_runs_or_calls_home(string html)
    {
        var clean = Read(html);
        Assert.DoesNotContain("evil.test", clean, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script", clean, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("javascript", clean, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("expression", clean, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("<[^>\"']* on[a-z]+=", clean);
    }

    [Fact]
    public void Keeps_what_mail_is_dressed_with()
    {
        var clean = Read("<style>.a { color: red } @media (max-width: 600px) { .a { color: blue } }</style><table width=600 bgcolor=#eee><tr><td class=a style='padding:8px'>Hi</td></tr></table>");
        Assert.Contains("<table", clean, StringComparison.Ordinal);
        Assert.Contains("class=\"a\"", clean, StringComparison.Ordinal);
        Assert.Contains("@media", clean, StringComparison.Ordinal);
        Assert.Contains("padding", clean, StringComparison.Ordinal);
    }

    [Fact]
    public void Shows_pictures_of_the_message_and_counts_those_from_elsewhere()
    {
        const string html = "<img src='cid:logo'><img src='cid:none'><img src='https://x.test/a.png'><p style='background:url(http://x.test/b.png)'>x</p>";
        var clean = SafeHtml.ForReading(html, cid => cid == "logo" ? "/content/F1-1/2/cid/logo" : null, allowRemote: false)!;
        Assert.Equal(2, clean.RemoteImages);
        Assert.Contains("src=\"/content/F1-1/2/cid/logo\"", clean.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("x.test", clean.Html, StringComparison.Ordinal);
        Assert.Contains("https://x.test/a.png", Read(html, allowRemote: true), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<div>")]
    [InlineData("<b><i>")]
    [InlineData("<div><!--</div>-->")]
    [InlineData("<div title='</div>'>")]
    [InlineData("<div></span>")]
    [InlineData("<div><style></div></style>")]
    [InlineData("<table><tr><td>")]
    public void Refuses_at_once_what_nests_too_deep(string piece)
    {
        var html = string.Concat(Enumerable.Repeat(piece, 50_000));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Null(SafeHtml.ForReading(html, _ => null, allowRemote: false));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
    }

    [Fact]
    public void Takes_long_mail_with_unclosed_paragraphs()
    {
        Assert.NotNull(SafeHtml.ForReading(string.Concat(Enumerable.Repeat("<p>line<br><table><tr><td>x</table>", 2_000)), _ => null, allowRemote: false));
    }

    [Fact]
    public void Turns_pictures_of_the_editor_back_into_parts()
    {
        var sent = SafeHtml.ForSending("<p>Hi<img src=\"/content/F1-1/2/cid/logo\"><img src=\"/admin\"></p>", url => url.EndsWith("/cid/logo", StringComparison.Ordinal) ? "logo" : null);
        Assert.Contains("src=\"cid:logo\"", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("/admin", sent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("see https://x.test/a?b=1&c=2.", "<a href=\"https://x.test/a?b=1&amp;c=2\">https://x.test/a?b=1&amp;c=2</a>.")]
    [InlineData("(www.x.test)", "(<a href=\"http://www.x.test\">www.x.test</a>)")]
    [InlineData("to a.b@x.test now", "<a href=\"mailto:a.b@x.test\">a.b@x.test</a>")]
    [InlineData("<script>alert(1)</script>", "&lt;script&gt;")]
    [InlineData("> > deep", "<blockquote><blockquote>deep")]
    public void Makes_text_readable(string text, string part) => Assert.Contains(part, TextToHtml.Convert(text), StringComparison.Ordinal);
}
