using Webmail.Protocols.Imap.Metadata;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.List;

/// <summary>Which mailboxes LIST shows (RFC 5258 section 3.1, RFC 6154 section 5.2).</summary>
[Flags]
internal enum ListSelection
{
    None = 0,
    Subscribed = 1,
    Remote = 2,
    RecursiveMatch = 4,
    SpecialUse = 8,
}

internal sealed record ListSelectionOption(string Name, ListSelection Selection, string? Capability = null);

/// <summary>The selection options of LIST.</summary>
internal static class ListSelections
{
    public static readonly NameTable<ListSelectionOption> Table = new(
        [
            new("SUBSCRIBED", ListSelection.Subscribed, "LIST-EXTENDED"),
            new("REMOTE", ListSelection.Remote),
            new("RECURSIVEMATCH", ListSelection.RecursiveMatch),
            new("SPECIAL-USE", ListSelection.SpecialUse, "SPECIAL-USE"),
        ],
        static option => option.Name, "LIST");

    public static ListSelection Parse(ref ImapReader r)
    {
        var selection = ListSelection.None;
        r.Open();
        for (var n = 0; !r.NextIs(')'); n++)
        {
            if (n > 0)
                r.Space();
            selection |= (Table.Find(r.Name(), r.Rules) ?? throw new SyntaxException("There is no such selection option")).Selection;
        }

        r.Close();

        // RFC 5258 section 3.1: it modifies another option and means nothing by itself.
        return (selection & (ListSelection.RecursiveMatch | ListSelection.Subscribed | ListSelection.SpecialUse)) == ListSelection.RecursiveMatch
            ? throw new SyntaxException("RECURSIVEMATCH needs another selection option")
            : selection;
    }
}

/// <summary>What LIST says of a mailbox beside its name.</summary>
internal sealed record ListReturn
{
    public bool Subscribed { get; set; }

    public bool SpecialUse { get; set; }

    /// <summary>LIST-MYRIGHTS (RFC 8440).</summary>
    public bool MyRights { get; set; }

    /// <summary>LIST-METADATA (RFC 9590): the names of annotations; null: not asked for.</summary>
    public IReadOnlyList<string>? Metadata { get; set; }

    /// <summary>LIST-STATUS (RFC 5819); null: not asked for.</summary>
    public IReadOnlyList<StatusItem>? Status { get; set; }
}

internal delegate void ParseReturn(ref ImapReader reader, ListReturn into);

internal sealed record ListReturnOption(string Name, ParseReturn Parse, string? Capability = null);

/// <summary>The return options of LIST.</summary>
internal static class ListReturns
{
    public static readonly NameTable<ListReturnOption> Table = new(
        [
            new("CHILDREN", static (ref ImapReader _, ListReturn _) => { }, "CHILDREN"),
            new("SUBSCRIBED", static (ref ImapReader _, ListReturn into) => into.Subscribed = true),
            new("SPECIAL-USE", static (ref ImapReader _, ListReturn into) => into.SpecialUse = true),
            new("MYRIGHTS", static (ref ImapReader _, ListReturn into) => into.MyRights = true, "LIST-MYRIGHTS"),
            new("METADATA", static (ref ImapReader r, ListReturn into) => into.Metadata = Annotations(ref r), "LIST-METADATA"),
            new("STATUS", static (ref ImapReader r, ListReturn into) => into.Status = Status(ref r), "LIST-STATUS"),
        ],
        static option => option.Name, "LIST RETURN");

    public static ListReturn Parse(ref ImapReader r)
    {
        var what = new ListReturn();
        r.Open();
        for (var n = 0; !r.NextIs(')'); n++)
        {
            if (n > 0)
                r.Space();
            (Table.Find(r.Name(), r.Rules) ?? throw new SyntaxException("There is no such return option")).Parse(ref r, what);
        }

        r.Close();
        return what;
    }

    private static IReadOnlyList<string> Annotations(ref ImapReader r)
    {
        r.Space();
        return r.NextIs('(') ? Entries.List(ref r) : throw new SyntaxException("Expected a list of annotations");
    }

    private static IReadOnlyList<StatusItem> Status(ref ImapReader r)
    {
        r.Space();
        return StatusItems.Parse(ref r);
    }
}
