using System.Net;
using System.Text;
using Webmail.MailCore.Mime;

namespace Webmail.Web.Mail;

/// <summary>A message's text as a page of its own for the sandboxed frame. Its style stands in the page; its policy allows that and pictures, nothing else.</summary>
internal static class ContentPage
{
    private const string Style = """
        @font-face { font-family: Inter; src: url(/fonts/inter-latin.woff2) format("woff2"); font-weight: 100 900; unicode-range: U+0000-00FF, U+0131, U+0152-0153, U+2000-206F, U+20AC, U+2122; }
        :root { color-scheme: light; }
        :root[data-theme=dark] { color-scheme: dark; }
        html, body { margin: 0; padding: 0; background: transparent; }
        body { overflow-x: auto; overflow-y: hidden; font: 15px/1.6 Inter, system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #16211f; overflow-wrap: anywhere; }
        [data-theme=dark] body { color: #e6ecea; }
        .wm-text { max-width: 84ch; white-space: pre-wrap; }
        .wm-text a { color: #0d6b68; }
        [data-theme=dark] .wm-text a { color: #5cc9c1; }
        .wm-text blockquote { margin: 0; padding: 0 0 0 12px; border-left: 2px solid #84938f; color: #4a5a57; }
        [data-theme=dark] .wm-text blockquote { border-color: #6c7a77; color: #a9b6b3; }
        .wm-html { color: #16211f; }
        .wm-html img { max-width: 100%; height: auto; }
        .wm-html blockquote { margin-inline: 0; padding-left: 12px; border-left: 2px solid #b9c4c1; }
        [data-theme=dark]:not(.is-original) .wm-html { filter: invert(0.89) hue-rotate(180deg); }
        [data-theme=dark]:not(.is-original) .wm-html :is(img[src], [style*="background-image"], [background]) { filter: invert(1) hue-rotate(180deg); }
        [data-theme=dark].is-original .wm-html { padding: 12px; border-radius: 8px; background: #fff; }
        .wm-part + .wm-part { margin-top: 24px; padding-top: 24px; border-top: 1px solid #b9c4c1; }
        .wm-note { color: #4a5a57; font-style: italic; }
        [data-theme=dark] .wm-note { color: #a9b6b3; }
        @media print { body { color: #000; } }
        """;

    /// <summary>The policy of the frame. Script is off by the sandbox and by the policy; pictures come from us, or, when asked for, from anywhere by HTTPS or HTTP.</summary>
    public static string Policy(bool allowRemote) =>
        $"default-src 'none'; img-src 'self' data:{(allowRemote ? " https: http:" : "")}; style-src 'unsafe-inline'; font-src 'self'; form-action 'none'; base-uri 'none'; "
        + "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox";

    /// <param name="emptyWords">Shown for a message without text, in the reader's language.</param>
    public static string Render(MessageView view, string content, string theme, bool allowRemote, string emptyWords, string language)
    {
        var page = new StringBuilder(4096);
        page.Append("<!DOCTYPE html><html lang=\"").Append(WebUtility.HtmlEncode(language)).Append("\" data-theme=\"").Append(theme)
            .Append("\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Webmail</title><base target=\"_blank\"><style>")
            .Append(Style).Append("</style></head><body>");
        var length = page.Length;
        foreach (var text in view.Texts)
            Append(page, text, content, view, allowRemote);
        if (page.Length == length)
            page.Append("<p class=\"wm-note\">").Append(WebUtility.HtmlEncode(emptyWords)).Append("</p>");
        return page.Append("</body></html>").ToString();
    }

    private static void Append(StringBuilder page, MessageText text, string content, MessageView view, bool allowRemote)
    {
        if (string.IsNullOrWhiteSpace(text.Content))
            return;
        string? UrlOf(string cid) => view.Files.Any(f => string.Equals(f.ContentId, cid, StringComparison.Ordinal)) ? $"{content}/cid/{Uri.EscapeDataString(cid)}" : null;
        if (text.IsHtml && SafeHtml.ForReading(text.Content, UrlOf, allowRemote) is { } safe)
            page.Append("<div class=\"wm-part wm-html\">").Append(safe.Html).Append("</div>");
        else
            page.Append("<div class=\"wm-part wm-text\" dir=\"auto\">").Append(TextToHtml.Convert(text.IsHtml ? view.PlainText : text.Content)).Append("</div>");
    }
}
