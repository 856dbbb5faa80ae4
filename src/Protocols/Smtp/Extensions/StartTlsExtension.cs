namespace Webmail.Protocols.Smtp.Extensions;

/// <summary>STARTTLS (RFC 3207), until TLS is on.</summary>
internal sealed class StartTlsExtension : SmtpExtension
{
    public override string? Line(SmtpSession session) => session.Wire.IsEncrypted ? null : "STARTTLS";
}
