namespace Webmail.MailCore.Outbound;

/// <summary>
/// A message as it goes over the wire: every line ends in CRLF. A bare CR or LF of a stored message becomes CRLF too, since RFC 5321 section 2.3.8
/// forbids to send one and a peer that takes it for a line end could be made to see a second message. Signing and sending both look at the
/// message through this, so a signature is over what is sent. A value to keep over the chunks of one message.
/// </summary>
public struct LineEndings
{
    private bool _afterCr;

    /// <summary>Writes at most twice as many octets as it reads.</summary>
    /// <returns>How many octets were written.</returns>
    public int Normalise(ReadOnlySpan<byte> from, Span<byte> to)
    {
        var written = 0;
        while (!from.IsEmpty)
        {
            if (_afterCr)
            {
                _afterCr = false;
                if (from[0] == (byte)'\n')
                {
                    from = from[1..];
                    continue;
                }
            }

            var end = from.IndexOfAny((byte)'\r', (byte)'\n');
            var plain = end < 0 ? from : from[..end];
            plain.CopyTo(to[written..]);
            written += plain.Length;
            if (end < 0)
                break;
            to[written++] = (byte)'\r';
            to[written++] = (byte)'\n';
            _afterCr = from[end] == (byte)'\r';
            from = from[(end + 1)..];
        }

        return written;
    }
}
