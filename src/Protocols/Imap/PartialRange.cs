namespace Webmail.Protocols.Imap;

/// <summary>A range of results (RFC 9394 section 3.1): counted from 1, or below 0 from the end, where -1 is the last one. First is the nearer to its end.</summary>
internal readonly record struct PartialRange(long First, long Last)
{
    public static PartialRange Parse(ref ImapReader r)
    {
        var isFromEnd = r.Take('-');
        long first = r.Number();
        r.Expect(':');
        if (isFromEnd)
            r.Expect('-');
        long last = r.Number();
        if (first == 0 || last == 0)
            throw new SyntaxException("Results are counted from 1");
        if (last < first)
            (first, last) = (last, first);
        return isFromEnd ? new(-first, -last) : new(first, last);
    }

    /// <summary>The indexes from 0 that it covers of so many; the second is beyond the last, and not above the first where there are none.</summary>
    public (long From, long To) Of(long count) => First > 0
        ? (Math.Min(First - 1, count), Math.Min(Last, count))
        : (Math.Max(count + Last, 0), Math.Max(count + First + 1, 0));
}
