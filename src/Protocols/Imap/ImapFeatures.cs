using System.Collections.Frozen;
using System.IO.Enumeration;
using Webmail.MailCore.Settings;

namespace Webmail.Protocols.Imap;

/// <summary>What a capability brings into the grammar, and so what goes when it is switched off.</summary>
/// <param name="Words">Commands ("MOVE", "UID EXPUNGE"), and options behind the place where they stand ("FETCH MODSEQ", "LIST RETURN STATUS").</param>
internal sealed record Feature(string Capability, params string[] Words)
{
    /// <summary>It isn't offered without these.</summary>
    public string[] Needs { get; init; } = [];
}

/// <summary>Capabilities that aren't offered to someone.</summary>
/// <param name="Capabilities">Those and all that need them.</param>
/// <param name="Words">What the reader doesn't know then.</param>
internal sealed record SwitchedOff(FrozenSet<string> Capabilities, FrozenSet<string> Words);

/// <summary>Every capability that can be switched off for a user or a client, one line each (docs/operations.md, Webmail:Imap:Without).</summary>
public static class ImapFeatures
{
    internal static readonly IReadOnlyList<Feature> All =
    [
        new("ACL", "SETACL", "DELETEACL", "GETACL", "LISTRIGHTS", "MYRIGHTS"),
        new("APPENDLIMIT", "STATUS APPENDLIMIT"),
        new("BINARY", "FETCH BINARY", "FETCH BINARY.PEEK", "FETCH BINARY.SIZE", "APPEND LITERAL8"),
        new("CATENATE", "APPEND CATENATE"),
        new("CHILDREN", "LIST RETURN CHILDREN"),
        new("COMPRESS=DEFLATE", "COMPRESS"),
        new(
            "CONDSTORE", "ENABLE CONDSTORE", "FETCH MODSEQ", "FETCH CHANGEDSINCE", "STORE UNCHANGEDSINCE", "SEARCH MODSEQ", "SELECT CONDSTORE", "STATUS HIGHESTMODSEQ"),
        new("CONTEXT=SEARCH", "RETURN CONTEXT", "RETURN UPDATE", "CANCELUPDATE") { Needs = ["ESEARCH"] },
        new("CONTEXT=SORT") { Needs = ["CONTEXT=SEARCH", "ESORT"] },
        new("CREATE-SPECIAL-USE", "CREATE USE"),
        new("ENABLE", "ENABLE"),
        new("ESEARCH", "SEARCH RETURN"),
        new("ESORT", "SORT RETURN") { Needs = ["ESEARCH", "SORT"] },
        new("I18NLEVEL=1"),
        new("ID", "ID"),
        new("IDLE", "IDLE"),
        new("IMAP4rev2", "ENABLE IMAP4rev2")
        {
            Needs =
            [
                "BINARY", "CHILDREN", "ENABLE", "ESEARCH", "IDLE", "LIST-EXTENDED", "LIST-STATUS", "LITERAL+", "MOVE", "NAMESPACE", "SASL-IR", "SEARCHRES", "SPECIAL-USE",
                "STATUS=SIZE", "UIDPLUS", "UNSELECT",
            ],
        },
        new("INPROGRESS"),
        new("LIST-EXTENDED", "LIST SELECTION", "LIST PATTERNS", "LIST RETURN"),
        new("LIST-METADATA", "LIST RETURN METADATA") { Needs = ["LIST-EXTENDED", "METADATA"] },
        new("LIST-MYRIGHTS", "LIST RETURN MYRIGHTS") { Needs = ["ACL", "LIST-EXTENDED"] },
        new("LIST-STATUS", "LIST RETURN STATUS") { Needs = ["LIST-EXTENDED"] },
        new("LITERAL+", "LITERAL+"),
        new("METADATA", "GETMETADATA", "SETMETADATA"),
        new("METADATA-SERVER") { Needs = ["METADATA"] },
        new("MOVE", "MOVE"),
        new("MULTIAPPEND", "APPEND SEVERAL"),
        new("MULTISEARCH", "ESEARCH") { Needs = ["ESEARCH"] },
        new("NAMESPACE", "NAMESPACE"),
        new("NOTIFY", "NOTIFY"),
        new("OBJECTID", "FETCH EMAILID", "FETCH THREADID", "SEARCH EMAILID", "SEARCH THREADID", "SELECT MAILBOXID", "STATUS MAILBOXID"),
        new("PARTIAL", "RETURN PARTIAL", "FETCH PARTIAL") { Needs = ["ESEARCH"] },
        new("PREVIEW", "FETCH PREVIEW"),
        new("QRESYNC", "ENABLE QRESYNC", "SELECT QRESYNC", "FETCH VANISHED") { Needs = ["CONDSTORE", "ENABLE"] },
        new("QUOTA", "GETQUOTA", "GETQUOTAROOT"),
        new("QUOTA=RES-MESSAGE") { Needs = ["QUOTA"] },
        new("QUOTA=RES-STORAGE", "STATUS DELETED-STORAGE") { Needs = ["QUOTA"] },
        new("QUOTASET", "SETQUOTA") { Needs = ["QUOTA"] },
        new("REPLACE", "REPLACE"),
        new("RIGHTS=texk") { Needs = ["ACL"] },
        new("SASL-IR", "AUTHENTICATE INITIAL"),
        new("SAVEDATE", "FETCH SAVEDATE", "SEARCH SAVEDATESUPPORTED", "SEARCH SAVEDBEFORE", "SEARCH SAVEDON", "SEARCH SAVEDSINCE"),
        new("SEARCH=FUZZY", "SEARCH FUZZY", "SORT RELEVANCY", "RETURN RELEVANCY"),
        new("SEARCHRES", "RETURN SAVE", "$") { Needs = ["ESEARCH"] },
        new("SORT", "SORT"),
        new("SORT=DISPLAY", "SORT DISPLAYFROM", "SORT DISPLAYTO") { Needs = ["SORT"] },
        new("SPECIAL-USE", "LIST SPECIAL-USE", "LIST RETURN SPECIAL-USE"),
        new("STATUS=SIZE", "STATUS SIZE"),
        new("THREAD=ORDEREDSUBJECT", "THREAD ORDEREDSUBJECT"),
        new("THREAD=REFERENCES", "THREAD REFERENCES"),
        new("THREAD=REFS", "THREAD REFS"),
        new("UIDBATCHES", "UIDBATCHES"),
        new("UIDONLY", "ENABLE UIDONLY") { Needs = ["ENABLE"] },
        new("UIDPLUS", "UID EXPUNGE"),
        new("UNAUTHENTICATE", "UNAUTHENTICATE"),
        new("UNSELECT", "UNSELECT"),
        new("UTF8=ACCEPT", "ENABLE UTF8=ACCEPT", "APPEND UTF8") { Needs = ["ENABLE"] },
        new("WITHIN", "SEARCH OLDER", "SEARCH YOUNGER"),
    ];

    /// <summary>Whether there is such a capability, in any case, and it can be switched off.</summary>
    public static bool CanBeSwitchedOff(string capability) => All.Any(feature => feature.Capability.Equals(capability, StringComparison.OrdinalIgnoreCase));

    /// <param name="user">The address of whoever is logged in; null: nobody.</param>
    /// <param name="client">What ID said, as "name/version"; null: nothing.</param>
    /// <returns>Null: nothing is switched off.</returns>
    internal static SwitchedOff? For(IReadOnlyList<CapabilityRule> rules, string? user, string? client)
    {
        if (rules.Count == 0)
            return null;
        var off = rules.Where(rule => Matches(rule.User, user) && Matches(rule.Client, client)).Select(static rule => rule.Capability)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (off.Count == 0)
            return null;
        while (All.FirstOrDefault(feature => !off.Contains(feature.Capability) && feature.Needs.Any(off.Contains)) is { } next)
            off.Add(next.Capability);
        return new(
            off.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
            All.Where(feature => off.Contains(feature.Capability)).SelectMany(static feature => feature.Words).ToFrozenSet(StringComparer.OrdinalIgnoreCase));
    }

    private static bool Matches(string? pattern, string? text) =>
        pattern is null || (text is not null && FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: true));
}
