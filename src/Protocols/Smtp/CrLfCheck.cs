namespace Webmail.Protocols.Smtp;

/// <summary>Whether every CR and LF of a message stands in a CRLF, across any split.</summary>
internal struct CrLfCheck
{
    private bool _afterCr;
    private bool _sawBare;

    /// <summary>A CR or LF stood alone in what was fed so far; a CR at the very end counts as well.</summary>
    public readonly bool SawBare => _sawBare || _afterCr;

    public void Feed(ReadOnlySpan<byte> piece)
    {
        if (_sawBare || piece.IsEmpty)
            return;
        if (_afterCr)
        {
            _sawBare = piece[0] != '\n';
            _afterCr = false;
            piece = piece[1..];
        }

        while (!_sawBare)
        {
            var at = piece.IndexOfAny((byte)'\r', (byte)'\n');
            if (at < 0)
                return;
            _afterCr = piece[at] == '\r' && at == piece.Length - 1;
            if (_afterCr)
                return;
            _sawBare = piece[at] == '\n' || piece[at + 1] != '\n';
            piece = piece[(at + 2 > piece.Length ? piece.Length : at + 2)..];
        }
    }
}
