using System.Collections.Frozen;
using Webmail.Protocols.Smtp.Extensions;

namespace Webmail.Protocols.Smtp;

/// <summary>
/// One ESMTP service extension: its line in EHLO and its parameters of MAIL and RCPT. A line that isn't offered now switches the parameters off too.
/// </summary>
internal abstract class SmtpExtension
{
    /// <summary>The EHLO line in this state of the session; null: not offered now.</summary>
    public abstract string? Line(SmtpSession session);

    /// <summary>Keywords of MAIL that are this extension's, in upper case.</summary>
    public virtual IReadOnlyList<string> MailKeywords => [];

    /// <summary>Keywords of RCPT that are this extension's, in upper case.</summary>
    public virtual IReadOnlyList<string> RcptKeywords => [];

    /// <summary>Takes a parameter of MAIL; null: taken.</summary>
    public virtual SmtpReply? OnMail(SmtpSession session, SmtpParameter parameter, MailOptions options) => null;

    /// <summary>Takes a parameter of RCPT; null: taken.</summary>
    public virtual SmtpReply? OnRcpt(SmtpSession session, SmtpParameter parameter, RcptOptions options) => null;

    /// <summary>A value that can't be one.</summary>
    protected static SmtpReply Bad(string keyword) => SmtpReply.Of(501, "5.5.4", $"The value of {keyword} is wrong");
}

/// <summary>Every extension, in the order of the EHLO reply.</summary>
internal static class SmtpExtensions
{
    private static readonly SmtpReply NotRecognised = SmtpReply.Of(555, "5.5.4", "A parameter was not recognised");

    public static IReadOnlyList<SmtpExtension> All { get; } =
    [
        new Pipelining(),
        new Size(),
        new EightBitMime(),
        new SmtpUtf8(),
        new Chunking(),
        new StartTlsExtension(),
        new AuthExtension(),
        new EnhancedStatusCodes(),
        new Dsn(),
        new Limits(),
        new XClientExtension(),
        new HelpExtension(),
    ];

    private static readonly FrozenDictionary<string, SmtpExtension> ByMailKeyword =
        All.SelectMany(e => e.MailKeywords.Select(k => (k, e))).ToFrozenDictionary(p => p.k, p => p.e);

    private static readonly FrozenDictionary<string, SmtpExtension> ByRcptKeyword =
        All.SelectMany(e => e.RcptKeywords.Select(k => (k, e))).ToFrozenDictionary(p => p.k, p => p.e);

    public static IEnumerable<string> Lines(SmtpSession session) => All.Select(e => e.Line(session)).OfType<string>();

    /// <summary>The parameters of MAIL; null: all taken.</summary>
    public static SmtpReply? OnMail(SmtpSession session, IReadOnlyList<SmtpParameter> parameters, MailOptions options)
    {
        foreach (var parameter in parameters)
        {
            if (!ByMailKeyword.TryGetValue(parameter.Keyword, out var extension) || extension.Line(session) is null)
                return NotRecognised;
            if (extension.OnMail(session, parameter, options) is { } refusal)
                return refusal;
        }

        return null;
    }

    /// <summary>The parameters of RCPT; null: all taken.</summary>
    public static SmtpReply? OnRcpt(SmtpSession session, IReadOnlyList<SmtpParameter> parameters, RcptOptions options)
    {
        foreach (var parameter in parameters)
        {
            if (!ByRcptKeyword.TryGetValue(parameter.Keyword, out var extension) || extension.Line(session) is null)
                return NotRecognised;
            if (extension.OnRcpt(session, parameter, options) is { } refusal)
                return refusal;
        }

        return null;
    }
}
