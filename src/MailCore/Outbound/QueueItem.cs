using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Outbound;

/// <summary>A recipient's row that stands in the due part of the queue.</summary>
internal readonly record struct DueRow(long Message, int N, string Domain, DateTime NextAttempt);

/// <summary>A recipient under way: leased by this process.</summary>
/// <param name="Local">A copy for an account that the store left to us; null: an address.</param>
internal sealed record QueueItem(
    long Message, int N, RemoteRecipient Recipient, LocalDelivery? Local, int Attempts, bool DelayNoticed)
{
    public bool Wants(string occasion) => Recipient.Notify?.Split(',').Contains(occasion, StringComparer.OrdinalIgnoreCase) ?? false;

    /// <summary>RFC 3461 section 4.1: without NOTIFY, failures are told.</summary>
    public bool WantsFailure => Recipient.Notify is null || Wants("FAILURE");

    public bool WantsDelay => Recipient.Notify is null || Wants("DELAY");
}

/// <summary>What the queue knows of a message.</summary>
/// <param name="Sender">Null: the null sender, to whom nothing is ever reported.</param>
/// <param name="IsExpired">By the database's clock: this try is the last one.</param>
internal sealed record QueueMessage(
    long Id, Guid TraceId, EmailAddress? Sender, ReadOnlyMemory<byte> Front, MessageBody Body, int HeaderSize,
    string? EnvId, string? Ret, bool NeedsUtf8, bool Is8Bit, string? Verdicts,
    DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, TimeSpan Age, bool IsExpired);

/// <summary>What became of a recipient in one try, and what is to be written.</summary>
/// <param name="Wait">Until the next try; null: there is none, the recipient is done with.</param>
/// <param name="Instead">Where its alias leads outside: these take its place in the queue.</param>
internal sealed record Outcome(QueueItem Item, RecipientResult Result, TimeSpan? Wait, bool NoticeDelay)
{
    public IReadOnlyList<RemoteRecipient> Instead { get; init; } = [];
}
