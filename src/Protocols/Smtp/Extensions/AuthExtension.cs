namespace Webmail.Protocols.Smtp.Extensions;

/// <summary>AUTH (RFC 4954): the mechanisms that may be used now. MAIL's AUTH parameter is read and, as section 5 allows, not believed.</summary>
internal sealed class AuthExtension : SmtpExtension
{
    public override IReadOnlyList<string> MailKeywords => ["AUTH"];

    public override string? Line(SmtpSession session)
    {
        var mechanisms = string.Join(' ', session.Mechanisms);
        return mechanisms.Length == 0 ? null : "AUTH " + mechanisms;
    }

    public override SmtpReply? OnMail(SmtpSession session, SmtpParameter parameter, MailOptions options) =>
        parameter.Value is { } value && (value == "<>" || XText.IsValid(value)) ? null : Bad("AUTH");
}
