using System.Globalization;
using Webmail.Protocols.Imap.Commands;
using Webmail.Protocols.Imap.Fetch;
using Webmail.Protocols.Imap.List;
using Webmail.Protocols.Imap.Search;

namespace Webmail.Protocols.Imap;

/// <summary>
/// What CAPABILITY says: gathered from the tables, so nothing is announced that has no code. Only what the framing itself does stands here by name.
/// </summary>
internal static class ImapCapabilities
{
    /// <summary>Literals (RFC 7888) and initial responses (RFC 4959) belong to the reader and to AUTHENTICATE, INPROGRESS to whatever takes long.</summary>
    private const string Base = "IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR INPROGRESS";

    private static readonly string Features = string.Join(
        ' ',
        ImapCommands.Table.Entries.Select(static e => e.Verb.Capability)
            .Concat(FetchItems.Table.All.Select(static i => i.Capability))
            .Concat(Enablables.Table.All.Select(static i => i.Capability))
            .Concat(SearchKeys.All.Select(static i => i.Capability))
            .Concat(SortTerms.Table.All.Select(static i => i.Capability))
            .Concat(SearchReturns.Table.All.Select(static i => i.Capability))
            .Concat(ListSelections.Table.All.Select(static i => i.Capability))
            .Concat(ListReturns.Table.All.Select(static i => i.Capability))
            .Concat(StatusItems.Table.All.Select(static i => i.Capability))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal));

    /// <summary>All that may be announced, but for what depends on the connection: STARTTLS, LOGINDISABLED, AUTH=.</summary>
    public static IReadOnlyList<string> All { get; } = [.. $"{Base} {Features} APPENDLIMIT".Split(' ')];

    public static string Of(ImapSession session)
    {
        var limit = session.Settings.Limits.MessageSize;
        var known = limit > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Base} {Features} APPENDLIMIT={limit}") : $"{Base} {Features}";
        if (session.Rules.Off is { Capabilities: var off })
            known = string.Join(' ', known.Split(' ').Where(word => !off.Contains(word) && !(word.StartsWith("APPENDLIMIT", StringComparison.Ordinal) && off.Contains("APPENDLIMIT"))));
        if (session.Mail is not null)
            return known;
        var mechanisms = string.Concat(session.Server.Sasl.To(session.Client).Select(static name => " AUTH=" + name));
        return known + (session.Wire.IsEncrypted ? "" : " STARTTLS") + (session.AllowsPlaintext ? "" : " LOGINDISABLED") + mechanisms;
    }
}
