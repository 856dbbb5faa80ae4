namespace Webmail.Protocols.Imap;

/// <summary>One element of a sequence-set as written; 0 stands for "*". A single number has <see cref="First"/> equal to <see cref="Last"/>.</summary>
internal readonly record struct NumRange(uint First, uint Last)
{
    public const uint Star = 0;
}

/// <summary>
/// A sequence-set (RFC 3501 section 9) of message numbers or of UIDs, as ranges: nothing ever expands "1:4294967295".
/// Only <see cref="MailboxView"/> gives it a meaning.
/// </summary>
internal sealed record NumSet(IReadOnlyList<NumRange> Ranges, bool IsUid);
