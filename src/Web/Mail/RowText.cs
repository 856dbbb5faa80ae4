using Webmail.MailCore.Mime;
using Webmail.MailCore.Store;

namespace Webmail.Web.Mail;

/// <summary>A stored row as its line in the list.</summary>
internal static class RowText
{
    public static RowFacts Of(MessageRow row)
    {
        var envelope = EnvelopeView.Read(row.Envelope.Span);
        var from = envelope.From.Count > 0 ? envelope.From[0] : new MailPerson("", "");
        var to = envelope.To.Count > 0 ? envelope.To : envelope.Cc.Count > 0 ? envelope.Cc : envelope.Bcc;
        return new(from.Short, from.Address, string.Join(", ", to.Take(4).Select(p => p.Short)), envelope.Subject, row.Preview, row.HasAttachments);
    }
}
