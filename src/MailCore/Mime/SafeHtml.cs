using AngleSharp;
using AngleSharp.Css.Dom;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Ganss.Xss;

namespace Webmail.MailCore.Mime;

/// <summary>
/// HTML from outside made harmless: an allow-list of elements, attributes, properties and schemes (HtmlSanitizer); no script, form, frame, font, import or
/// relative address is left. This is the first wall; where it is shown, a frame without script and a strict content policy are the second and third.
/// Bounded: HTML that nests too deep (<see cref="HtmlDepth"/>) is given as null, and its reader takes the text instead.
/// </summary>
public sealed record SafeHtml(string Html, int RemoteImages)
{
    private static readonly string[] Tags =
    [
        "a", "abbr", "acronym", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "body", "br", "caption", "center", "cite", "code", "col",
        "colgroup", "dd", "del", "details", "dfn", "dir", "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
        "head", "header", "hr", "html", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section",
        "small", "span", "strike", "strong", "style", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul",
        "var", "wbr",
    ];

    private static readonly string[] Attributes =
    [
        "abbr", "align", "alt", "axis", "background", "bgcolor", "border", "cellpadding", "cellspacing", "char", "charoff", "cite", "class", "clear", "color",
        "cols", "colspan", "compact", "datetime", "dir", "face", "headers", "height", "href", "hspace", "id", "lang", "noshade", "nowrap", "open", "rowspan",
        "rules", "scope", "size", "span", "src", "start", "style", "summary", "title", "type", "valign", "value", "vspace", "width",
    ];

    /// <summary>For the reading pane.</summary>
    /// <param name="urlOfCid">Where a picture of the message is, by its Content-ID; null: there is none.</param>
    /// <param name="allowRemote">Pictures from elsewhere keep their address.</param>
    public static SafeHtml? ForReading(string html, Func<string, string?> urlOfCid, bool allowRemote)
    {
        var filter = new Filter(urlOfCid, allowRemote);
        return Clean(html, filter, keepStyles: true) is { } clean ? new(clean, filter.Remote) : null;
    }

    /// <summary>To be quoted in the editor: inline styles stay, style sheets (which would dress the page around it) go.</summary>
    public static string? ForWriting(string html, Func<string, string?> urlOfCid) => Clean(html, new(urlOfCid, allowRemote: true), keepStyles: false);

    /// <summary>What was written, before it leaves.</summary>
    /// <param name="cidOfUrl">The Content-ID of a picture that the editor showed from our own address; null: not one of ours.</param>
    public static string? ForSending(string html, Func<string, string?> cidOfUrl) =>
        Clean(html, new(cid => "cid:" + cid, allowRemote: true) { CidOfUrl = cidOfUrl }, keepStyles: false);

    private static string? Clean(string html, Filter filter, bool keepStyles)
    {
        if (HtmlDepth.IsTooDeep(html))
            return null;
        var sanitizer = New(keepStyles);
        sanitizer.FilterUrl += filter.Check;
        using var document = sanitizer.HtmlParserFactory().ParseDocument(html);
        sanitizer.SanitizeDom(document);
        if (document.Body is not { } body)
            return "";
        var styles = keepStyles ? string.Concat(document.Head?.QuerySelectorAll("style").Select(s => s.ToHtml(sanitizer.OutputFormatter)) ?? []) : "";
        var inner = body.ChildNodes.ToHtml(sanitizer.OutputFormatter);
        return styles + Dressed(body, inner);
    }

    private static HtmlSanitizer New(bool keepStyles)
    {
        var sanitizer = new HtmlSanitizer { KeepChildNodes = false, AllowDataAttributes = false };
        Fill(sanitizer.AllowedTags, keepStyles ? Tags : Tags.Where(t => t != "style"));
        Fill(sanitizer.AllowedAttributes, keepStyles ? Attributes : Attributes.Where(a => a is not ("class" or "id")));
        Fill(sanitizer.AllowedSchemes, ["http", "https", "mailto", "tel", "cid", "data"]);
        Fill(sanitizer.UriAttributes, ["href", "src", "background", "cite"]);
        sanitizer.AllowedAtRules.Clear();
        sanitizer.AllowedAtRules.Add(CssRuleType.Style);
        sanitizer.AllowedAtRules.Add(CssRuleType.Media);
        return sanitizer;
    }

    private static void Fill(ISet<string> set, IEnumerable<string> names)
    {
        set.Clear();
        set.UnionWith(names);
    }

    /// <summary>What the body element said of ground and ink goes on to a div in its place.</summary>
    private static string Dressed(IHtmlElement body, string inner)
    {
        var ground = body.GetAttribute("bgcolor");
        var style = body.GetAttribute("style") ?? "";
        if (ground is not null && ground.All(c => char.IsAsciiLetterOrDigit(c) || c == '#'))
            style = $"background-color:{ground};{style}";
        return style.Length == 0 ? inner : $"<div style=\"{System.Net.WebUtility.HtmlEncode(style)}\">{inner}</div>";
    }

    /// <summary>Decides on every address that is left, and counts the pictures that would be fetched from elsewhere.</summary>
    private sealed class Filter(Func<string, string?> urlOfCid, bool allowRemote)
    {
        public int Remote { get; private set; }

        public Func<string, string?>? CidOfUrl { get; init; }

        public void Check(object? sender, FilterUrlEventArgs e)
        {
            var url = e.OriginalUrl.Trim();
            e.SanitizedUrl = e.Tag is IHtmlAnchorElement || e.Tag.LocalName is "blockquote" or "q" or "ins" or "del" ? Link(url) : Picture(url);
        }

        private static string? Link(string url) => Starts(url, "http://", "https://", "mailto:", "tel:") ? url : null;

        private string? Picture(string url)
        {
            if (Starts(url, "cid:"))
                return urlOfCid(Uri.UnescapeDataString(url[4..]));
            if (CidOfUrl?.Invoke(url) is { } cid)
                return "cid:" + cid;
            if (Starts(url, "data:image/png;base64,", "data:image/jpeg;base64,", "data:image/gif;base64,", "data:image/webp;base64,"))
                return url;
            if (!Starts(url, "http://", "https://", "//"))
                return null;
            Remote++;
            return allowRemote ? url : null;
        }

        private static bool Starts(string url, params ReadOnlySpan<string> prefixes)
        {
            foreach (var prefix in prefixes)
            {
                if (url.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                    return true;
            }

            return false;
        }
    }
}
