namespace Webmail.Protocols.Smtp.Extensions;

/// <summary>PIPELINING (RFC 2920): replies are held back while there is another command to read.</summary>
internal sealed class Pipelining : SmtpExtension
{
    public override string Line(SmtpSession session) => "PIPELINING";
}
