namespace Webmail.Protocols.Smtp.Extensions;

/// <summary>LIMITS (RFC 9422): how many recipients a message may have.</summary>
internal sealed class Limits : SmtpExtension
{
    public override string? Line(SmtpSession session) => session.Settings.Limits.Recipients is > 0 and var n ? $"LIMITS RCPTMAX={n}" : null;
}
