namespace Webmail.Protocols.Smtp.Extensions;

/// <summary>8BITMIME (RFC 6152). Octets above 127 are taken without it as well: the field is full of such mail.</summary>
internal sealed class EightBitMime : SmtpExtension
{
    public override IReadOnlyList<string> MailKeywords => ["BODY"];

    public override string Line(SmtpSession session) => "8BITMIME";

    public override SmtpReply? OnMail(SmtpSession session, SmtpParameter parameter, MailOptions options)
    {
        switch (parameter.Value?.ToUpperInvariant())
        {
            case "7BIT":
                return null;
            case "8BITMIME":
                options.Is8Bit = true;
                return null;
            default:
                return Bad("BODY");
        }
    }
}
