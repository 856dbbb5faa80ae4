using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.List;
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
        if (r.NextIs('('))
        {
            extended = true;
            selection = ListSelections.Parse(ref r);
            r.Space();
        }

        var reference = r.MailboxPrefix();
        r.Space();
        var patterns = new List<string>(1);
        if (r.NextIs('('))
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
            if (!r.TakeName("RETURN"u8))
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

        var subscribed = Has(ListSelection.Subscribed);
        var returns = Returns ?? new();
        var patterns = Patterns.Select(pattern => new ListPattern(Reference, pattern)).ToArray();
        var names = await Listing.ReadAsync(mail, subscribed || Has(ListSelection.RecursiveMatch), ct);
        foreach (var name in names)
        {
            if (!Array.Exists(patterns, pattern => pattern.Matches(name.Name)) || !IsSelected(name, out var below))
                continue;
            Write(session.Out, name, below, returns);
            if (returns.Status is { } items && name.Info is { } info)
                await StatusAsync(session, mail, info, items, ct);
            await session.Out.FlushIfLargeAsync(ct);
        }

        return Reply.Done;
    }

    private bool Has(ListSelection option) => (Selection & option) != ListSelection.None;

    /// <param name="below">RECURSIVEMATCH: why the name is shown though only names below it match.</param>
    private bool IsSelected(ListedName name, out string? below)
    {
        below = null;
        var isSpecial = name.Info is { SpecialUse: not SpecialUse.None };
        var itself = (!Has(ListSelection.Subscribed) || name.IsSubscribed)
            && (!Has(ListSelection.SpecialUse) || isSpecial)
            && (name.Info is not null || Has(ListSelection.Subscribed));
        if (Has(ListSelection.RecursiveMatch))
        {
            if (Has(ListSelection.Subscribed) && name.HasSubscribedBelow)
                below = "SUBSCRIBED";
            else if (Has(ListSelection.SpecialUse) && name.HasSpecialBelow)
                below = "SPECIAL-USE";
        }

        return itself || below is not null;
    }

    private void Write(ImapWriter writer, ListedName name, string? below, ListReturn returns)
    {
        writer.Raw("* LIST ("u8);
        var first = true;
        if (name.Info is null)
            Attribute(writer, "\\NonExistent", ref first);
        if (name.IsSubscribed && (returns.Subscribed || Has(ListSelection.Subscribed)))
            Attribute(writer, "\\Subscribed", ref first);
        if (name.Info is { } info)
        {
            if (!IsExtended || returns.Children)
                Attribute(writer, info.HasChildren ? "\\HasChildren" : "\\HasNoChildren", ref first);
            if ((!IsExtended || returns.SpecialUse || Has(ListSelection.SpecialUse)) && SpecialUses.Attribute(info.SpecialUse) is { } use)
                Attribute(writer, use, ref first);
        }

        writer.Raw(") \"/\" "u8);
        writer.Mailbox(name.Name);
        if (below is not null)
        {
            writer.Raw(" (\"CHILDINFO\" (\""u8);
            writer.Constant(below);
            writer.Raw("\"))"u8);
        }

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
        catch (MailException e) when (e.Error == MailError.NotFound)
        {
            session.Out.Line($"* NO [{Code.NonExistent}] A mailbox is gone");
        }
    }
}
