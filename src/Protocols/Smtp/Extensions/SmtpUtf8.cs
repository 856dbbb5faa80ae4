namespace Webmail.Protocols.Smtp.Extensions;

/// <summary>SMTPUTF8 (RFC 6531): addresses and headers in UTF-8.</summary>
internal sealed class SmtpUtf8 : SmtpExtension
{
    public override IReadOnlyList<string> MailKeywords => ["SMTPUTF8"];

    public override string Line(SmtpSession session) => "SMTPUTF8";

    public override SmtpReply? OnMail(SmtpSession session, SmtpParameter parameter, MailOptions options)
    {
        if (parameter.Value is not null)
            return Bad("SMTPUTF8");
        options.NeedsUtf8 = true;
        return null;
    }
}
