using System.Security.Cryptography;

namespace Webmail.MailCore.Outbound;

/// <summary>
/// SHA-256 over a body in DKIM's "relaxed" form (RFC 6376 section 3.4.4): runs of blanks are one space, blanks before a line end and empty lines
/// at the end are gone. Fed in pieces whose line ends are CRLF; keeps a few octets of state, however large the body.
/// </summary>
internal sealed class RelaxedBodyHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _out = new byte[16 * 1024];
    private int _used;
    private bool _blank;
    private bool _inLine;
    private int _lineEnds;

    public void Append(ReadOnlySpan<byte> piece)
    {
        foreach (var octet in piece)
        {
            switch (octet)
            {
                case (byte)' ' or (byte)'\t':
                    _blank = true;
                    break;
                case (byte)'\r':
                    break;
                case (byte)'\n':
                    _blank = false;
                    _inLine = false;
                    _lineEnds++;
                    break;
                default:
                    Text(octet);
                    break;
            }
        }
    }

    public byte[] Finish()
    {
        // A last line without its CRLF gets one; a body without any text has no octets at all.
        if (_inLine || _lineEnds > 0 && _hasText)
        {
            Put((byte)'\r');
            Put((byte)'\n');
        }

        Drain();
        return _hash.GetHashAndReset();
    }

    public void Dispose() => _hash.Dispose();

    private bool _hasText;

    private void Text(byte octet)
    {
        for (; _lineEnds > 0; _lineEnds--)
        {
            Put((byte)'\r');
            Put((byte)'\n');
        }

        if (_blank)
            Put((byte)' ');
        _blank = false;
        _inLine = true;
        _hasText = true;
        Put(octet);
    }

    private void Put(byte octet)
    {
        if (_used == _out.Length)
            Drain();
        _out[_used++] = octet;
    }

    private void Drain()
    {
        _hash.AppendData(_out, 0, _used);
        _used = 0;
    }
}
