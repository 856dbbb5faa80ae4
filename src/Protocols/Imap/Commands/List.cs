using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.List;
using Webmail.Protocols.Imap.Metadata;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>LIST (RFC 3501 section 6.3.8) with the options of RFC 5258, RFC 5819 and RFC 6154.</summary>
/// <param name="Returns">Null: none were given.</param>
/// <param name="IsExtended">Something was used that RFC 3501 doesn't have: only what was asked for is said then.</param>
internal sealed record List(ListSelection Selection, string Reference, IReadOnlyList<string> Patterns, ListReturn? Returns, bool IsExtended)
    : IAuthenticatedCommand<List>
{
    private const int MaxPatterns = 100;

    public static Verb Verb { get; } = new("LIST");

    public static List Parse(ref ImapReader r)
    {
        r.Space();
        var extended = false;
        var selection = ListSelection.None;
        if (!r.Rules.Lacks("LIST SELECTION") && r.NextIs('('))
        {
            extended = true;
            selection = ListSelections.Parse(ref r);
            r.Space();
        }

        var reference = r.MailboxPrefix();
        r.Space();
        var patterns = new List<string>(1);
        if (!r.Rules.Lacks("LIST PATTERNS") && r.NextIs('('))
        {
            extended = true;
            r.Open();
            do
            {
                patterns.Add(r.ListPattern());
            }
            while (r.Take(' '));
            r.Close();
            if (patterns.Count > MaxPatterns)
                throw new SyntaxException("There are too many patterns");
        }
        else
        {
            patterns.Add(r.ListPattern());
        }

        ListReturn? returns = null;
        if (r.Take(' ') && !r.IsAtEnd)
        {
            if (!r.TakeOption("RETURN"u8, "LIST RETURN"))
                throw new SyntaxException("Expected RETURN");
            r.Space();
            returns = ListReturns.Parse(ref r);
            extended = true;
        }

        r.End();
        return new(selection, reference, patterns, returns, extended);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        // RFC 3501 section 6.3.8: an empty name asks for the separator.
        if (!IsExtended && Patterns is [""])
        {
            session.Out.Line($"* LIST (\\Noselect) \"/\" \"\"");
            return Reply.Done;
        }

        var returns = Returns ?? new();
        var patterns = Patterns.Select(pattern => new ListPattern(Reference, pattern)).ToArray();
        var names = await Listing.ReadAsync(mail, Has(ListSelection.Subscribed) || Has(ListSelection.RecursiveMatch), ct);
        var below = Has(ListSelection.RecursiveMatch) ? Below.Of(names, IsSelected, name => Matches(patterns, name)) : Below.None;
        foreach (var name in names)
        {
            if (!Matches(patterns, name.Name) || (name.IsLevel && !name.IsSubscribed && !Array.Exists(patterns, p => !p.MatchesAllBelow && p.Matches(name.Name))))
                continue;
            var selected = IsSelected(name);
            if (!selected && !below.Hidden.Contains(name.Name))
                continue;
            Write(session.Out, name, below.All.Contains(name.Name), returns);
            if (returns.MyRights && name.Info is { IsSelectable: true } mine)
                session.Out.Line($"* MYRIGHTS {mine.Name} {mine.Rights}");
            if (returns.Metadata is { } entries && name.Info is { IsSelectable: true } annotated && Entries.MayRead(annotated))
                await MetadataResponse.WriteAsync(session, annotated.Name, await MetadataResponse.ReadAsync(session, mail, annotated, entries, depth: 0, ct), ct);
            if (returns.Status is { } items && name.Info is { IsSelectable: true } info && info.Rights.Has(MailboxRights.Read))
                await StatusAsync(session, mail, info, items, ct);
            await session.Out.FlushIfLargeAsync(ct);
        }

        return Reply.Done;
    }

    /// <summary>RECURSIVEMATCH (RFC 5258 section 3.5): names with others below them that are selected.</summary>
    /// <param name="All">All such names: if they are shown, then with CHILDINFO.</param>
    /// <param name="Hidden">Those of which one below is not shown itself: only for these is a name shown that isn't selected itself.</param>
    private sealed record Below(HashSet<string> All, HashSet<string> Hidden)
    {
        public static readonly Below None = new([], []);

        public static Below Of(IReadOnlyList<ListedName> names, Func<ListedName, bool> isSelected, Func<string, bool> matches)
        {
            var selected = names.Where(isSelected).Select(static name => name.Name).ToList();
            return new(Listing.Above(selected), Listing.Above(selected.Where(name => !matches(name))));
        }
    }

    private static bool Matches(ListPattern[] patterns, string name) => Array.Exists(patterns, pattern => pattern.Matches(name));

    private bool Has(ListSelection option) => (Selection & option) != ListSelection.None;

    private bool IsSelected(ListedName name) =>
        (!Has(ListSelection.Subscribed) || name.IsSubscribed)
        && (!Has(ListSelection.SpecialUse) || name.Info is { SpecialUse: not SpecialUse.None })
        && (name.Info is not null || name.IsLevel || Has(ListSelection.Subscribed));

    private void Write(ImapWriter writer, ListedName name, bool hasBelow, ListReturn returns)
    {
        writer.Raw("* LIST ("u8);
        var first = true;
        if (name.Info is null)
            Attribute(writer, name.IsLevel && !IsExtended ? "\\Noselect" : "\\NonExistent", ref first);
        else if (!name.Info.IsSelectable)
            Attribute(writer, "\\Noselect", ref first);
        if (name.IsSubscribed && (returns.Subscribed || Has(ListSelection.Subscribed)))
            Attribute(writer, "\\Subscribed", ref first);
        if (name.IsLevel)
            Attribute(writer, "\\HasChildren", ref first);
        if (name.Info is { } info)
        {
            // RFC 5258 section 4: they may be said unasked.
            Attribute(writer, info.HasChildren ? "\\HasChildren" : "\\HasNoChildren", ref first);
            if ((!IsExtended || returns.SpecialUse || Has(ListSelection.SpecialUse)) && SpecialUses.Attribute(info.SpecialUse) is { } use)
                Attribute(writer, use, ref first);
        }

        writer.Raw(") \"/\" "u8);
        writer.Mailbox(name.Name);
        if (hasBelow)
            writer.Raw(Has(ListSelection.Subscribed) ? " (\"CHILDINFO\" (\"SUBSCRIBED\"))"u8 : " (\"CHILDINFO\" (\"SPECIAL-USE\"))"u8);

        writer.Line($"");
    }

    private static void Attribute(ImapWriter writer, string attribute, ref bool first)
    {
        if (!first)
            writer.Raw(" "u8);
        first = false;
        writer.Constant(attribute);
    }

    /// <summary>RFC 5819 section 2: a mailbox that went away meanwhile has no STATUS.</summary>
    private static async ValueTask StatusAsync(
        ImapSession session, AccountMail mail, MailboxInfo info, IReadOnlyList<StatusItem> items, CancellationToken ct)
    {
        try
        {
            await StatusItems.WriteAsync(session, mail, info, items, ct);
        }
        catch (MailException e) when (e.Error is MailError.NotFound or MailError.NoPermission)
        {
            session.Out.Line($"* NO [{Code.NonExistent}] A mailbox is gone");
        }
    }
}
