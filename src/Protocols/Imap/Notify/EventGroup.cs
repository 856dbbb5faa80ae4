using Webmail.Protocols.Imap.Fetch;
using Webmail.Protocols.Imap.List;

namespace Webmail.Protocols.Imap.Notify;

/// <summary>Mailboxes and what is to be told of them (RFC 5465 section 8, event-group).</summary>
/// <param name="Items">What is fetched of new messages of the selected mailbox.</param>
/// <param name="IsKnown">False: there was an event among them that nobody knows here.</param>
internal sealed record EventGroup(MailboxFilter Filter, NotifyEvent Events, IReadOnlyList<FetchItem> Items, bool IsKnown)
{
    public static EventGroup Parse(ref ImapReader r)
    {
        r.Open();
        var filter = MailboxFilter.Parse(ref r);
        if (filter.Kind == FilterKind.SubtreeOne)
            throw new SyntaxException("There is no such mailbox specifier");
        r.Space();
        var group = r.TakeName("NONE"u8) ? new(filter, NotifyEvent.None, [], IsKnown: true) : Listed(ref r, filter);
        r.Close();
        return group.Checked();
    }

    private static EventGroup Listed(ref ImapReader r, MailboxFilter filter)
    {
        var events = NotifyEvent.None;
        var known = true;
        IReadOnlyList<FetchItem> items = [];
        r.Open();
        do
        {
            var name = NotifyEvents.Table.Find(r.Name());
            known &= name is not null;
            events |= name?.Event ?? NotifyEvent.None;
            if (name is { Event: NotifyEvent.MessageNew } && r.Remaining.StartsWith(" ("u8))
            {
                r.Space();
                items = FetchItems.Parse(ref r);
            }
        }
        while (r.Take(' '));
        r.Close();
        return new(filter, events, items, known);
    }

    /// <summary>RFC 5465 section 5: what may not stand without another.</summary>
    private EventGroup Checked()
    {
        if (!IsKnown)
            return this;
        if (Events.Has(NotifyEvent.Messages) && !(Events.Has(NotifyEvent.MessageNew) && Events.Has(NotifyEvent.MessageExpunge)))
            throw new SyntaxException("MessageNew and MessageExpunge go together, and FlagChange with both");
        if (Filter.IsSelected && Events.Has(~NotifyEvent.Messages))
            throw new SyntaxException("The selected mailbox has events of messages only");
        return this;
    }
}

/// <summary>What is told of the selected mailbox.</summary>
/// <param name="IsDelayed">EXPUNGE waits for a command that allows it.</param>
/// <param name="Items">What is fetched of new messages.</param>
internal sealed record SelectedEvents(NotifyEvent Events, bool IsDelayed, IReadOnlyList<FetchItem> Items)
{
    /// <summary>As long as NOTIFY was not used.</summary>
    public static readonly SelectedEvents Usual = new(NotifyEvent.Messages, IsDelayed: true, []);

    public static readonly SelectedEvents None = new(NotifyEvent.None, IsDelayed: true, []);

    public static SelectedEvents Of(IReadOnlyList<EventGroup> groups) => groups.FirstOrDefault(static group => group.Filter.IsSelected) is { } selected
        ? new(selected.Events, selected.Filter.Kind == FilterKind.SelectedDelayed, selected.Items)
        : None;
}
