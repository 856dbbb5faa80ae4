namespace Webmail.Protocols.Smtp.Extensions;

/// <summary>HELP: the command is there (RFC 5321 section 4.1.1.1 lists it as a keyword).</summary>
internal sealed class HelpExtension : SmtpExtension
{
    public override string Line(SmtpSession session) => "HELP";
}
