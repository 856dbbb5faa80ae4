using Webmail.MailCore.Model;

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
/// <param name="IsSaved">It is "$": what the last SEARCH with SAVE found (RFC 5182).</param>
internal sealed record NumSet(IReadOnlyList<NumRange> Ranges, bool IsUid, bool IsSaved = false)
{
    /// <summary>Messages that are gone are no error: only message numbers name messages that the client believes to be there.</summary>
    public bool IsLenient => IsUid || IsSaved;

    /// <summary>The set as UIDs, "*" being all that may ever be.</summary>
    public UidSet ToUids() => UidSet.FromRanges(Ranges.Select(static range =>
    {
        uint first = range.First == NumRange.Star ? uint.MaxValue : range.First, last = range.Last == NumRange.Star ? uint.MaxValue : range.Last;
        return new UidRange(Math.Min(first, last), Math.Max(first, last));
    }));
}
