namespace Webmail.Protocols.Smtp.Extensions;

/// <summary>ENHANCEDSTATUSCODES (RFC 2034): every reply but the greeting's and EHLO's has one.</summary>
internal sealed class EnhancedStatusCodes : SmtpExtension
{
    public override string Line(SmtpSession session) => "ENHANCEDSTATUSCODES";
}
