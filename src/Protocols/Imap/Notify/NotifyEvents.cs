using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Notify;

/// <summary>What a client may want to hear of (RFC 5465 section 5).</summary>
[Flags]
internal enum NotifyEvent
{
    None = 0,
    MessageNew = 1,
    MessageExpunge = 2,
    FlagChange = 4,
    MailboxName = 8,
    SubscriptionChange = 16,
    MailboxMetadataChange = 32,
    ServerMetadataChange = 64,

    /// <summary>All that concern messages.</summary>
    Messages = MessageNew | MessageExpunge | FlagChange,
}

internal sealed record NotifyEventName(string Name, NotifyEvent Event);

/// <summary>The events that are known here; annotations of messages (RFC 5257) are not.</summary>
internal static class NotifyEvents
{
    public static readonly NameTable<NotifyEventName> Table = new(
        [
            new("MessageNew", NotifyEvent.MessageNew),
            new("MessageExpunge", NotifyEvent.MessageExpunge),
            new("FlagChange", NotifyEvent.FlagChange),
            new("MailboxName", NotifyEvent.MailboxName),
            new("SubscriptionChange", NotifyEvent.SubscriptionChange),
            new("MailboxMetadataChange", NotifyEvent.MailboxMetadataChange),
            new("ServerMetadataChange", NotifyEvent.ServerMetadataChange),
        ],
        static name => name.Name);

    public static readonly Code BadEvent = Code.BadEvent(Table.All.Select(static name => name.Name));

    public static bool Has(this NotifyEvent events, NotifyEvent any) => (events & any) != NotifyEvent.None;
}
