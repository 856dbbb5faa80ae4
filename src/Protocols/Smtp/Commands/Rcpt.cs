using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;

namespace Webmail.Protocols.Smtp.Commands;

/// <summary>RCPT TO (RFC 5321 section 4.1.1.3): one more recipient, answered for at once.</summary>
internal sealed record Rcpt(SmtpPath Path, IReadOnlyList<SmtpParameter> Parameters) : ITransactionCommand<Rcpt>
{
    private static readonly SmtpReply Ok = SmtpReply.Of(250, "2.1.5", "Recipient ok");
    private static readonly SmtpReply TooLate = SmtpReply.Of(503, "5.5.1", "The message has begun already");

    // RFC 5321 section 4.5.3.1.10.
    private static readonly SmtpReply TooMany = SmtpReply.Of(452, "4.5.3", "Too many recipients: send to these first");

    public static string Verb => "RCPT";

    public static Rcpt Parse(ref SmtpReader r) => new(r.Path("TO:"u8, PathKind.Forward), r.Parameters());

    public async ValueTask<SmtpReply> RunAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct)
    {
        if (transaction.Chunks is not null)
            return TooLate;
        var limit = session.Settings.Limits.Recipients;
        if (limit > 0 && transaction.Recipients.Count >= limit)
            return TooMany;

        var options = new RcptOptions();
        if (SmtpExtensions.OnRcpt(session, Parameters, options) is { } wrong)
            return wrong;
        if (Path.HasUtf8 && !transaction.Options.NeedsUtf8)
            return Mail.Utf8Needed;
        var address = Path.Address ?? EmailAddress.Parse($"postmaster@{session.Settings.Hostname}");
        if (await session.Services.Inbound.CheckRecipientAsync(session.Client, transaction.Sender, address, ct) is { } refusal)
        {
            transaction.HasRefused = true;
            return SmtpErrors.ReplyFor(refusal);
        }

        transaction.Recipients.Add(new(address, options.Notify, options.Orcpt));
        return Ok;
    }
}
