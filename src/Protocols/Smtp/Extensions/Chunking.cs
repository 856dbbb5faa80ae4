namespace Webmail.Protocols.Smtp.Extensions;

/// <summary>CHUNKING (RFC 3030): the BDAT command.</summary>
internal sealed class Chunking : SmtpExtension
{
    public override string Line(SmtpSession session) => "CHUNKING";
}
