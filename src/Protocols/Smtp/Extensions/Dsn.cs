namespace Webmail.Protocols.Smtp.Extensions;

/// <summary>DSN (RFC 3461): what the sender wants to hear, carried with the message to the queue.</summary>
internal sealed class Dsn : SmtpExtension
{
    private const int MaxEnvId = 100;
    private const int MaxOrcpt = 500;

    public override IReadOnlyList<string> MailKeywords => ["RET", "ENVID"];

    public override IReadOnlyList<string> RcptKeywords => ["NOTIFY", "ORCPT"];

    public override string Line(SmtpSession session) => "DSN";

    public override SmtpReply? OnMail(SmtpSession session, SmtpParameter parameter, MailOptions options)
    {
        if (parameter.Keyword == "RET")
        {
            options.Ret = parameter.Value?.ToUpperInvariant();
            return options.Ret is "FULL" or "HDRS" ? null : Bad("RET");
        }

        options.EnvId = parameter.Value;
        return parameter.Value is { Length: <= MaxEnvId } value && IsAscii(value) && XText.IsValid(value) ? null : Bad("ENVID");
    }

    public override SmtpReply? OnRcpt(SmtpSession session, SmtpParameter parameter, RcptOptions options)
    {
        if (parameter.Keyword == "NOTIFY")
        {
            options.Notify = parameter.Value?.ToUpperInvariant();
            return IsNotify(options.Notify) ? null : Bad("NOTIFY");
        }

        options.Orcpt = parameter.Value;
        return IsOrcpt(parameter.Value) ? null : Bad("ORCPT");
    }

    private static bool IsNotify(string? value)
    {
        if (value is null)
            return false;
        var words = value.Split(',');
        return value == "NEVER" || (words.All(w => w is "SUCCESS" or "FAILURE" or "DELAY") && words.Distinct(StringComparer.Ordinal).Count() == words.Length);
    }

    /// <summary>addr-type ";" xtext; the utf-8 type may have UTF-8 itself (RFC 6533 section 3).</summary>
    private static bool IsOrcpt(string? value)
    {
        var semicolon = value?.IndexOf(';', StringComparison.Ordinal) ?? -1;
        if (value is null or { Length: > MaxOrcpt } || semicolon <= 0 || semicolon == value.Length - 1)
            return false;
        var type = value[..semicolon];
        return type.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            && (IsAscii(value) || type.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            && XText.IsValid(value[(semicolon + 1)..]);
    }

    private static bool IsAscii(string text) => System.Text.Ascii.IsValid(text);
}
