using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Webmail.MailCore.Directory;

namespace Webmail.MailCore.Data.Configurations;

internal sealed class DomainConfiguration : IEntityTypeConfiguration<DomainRow>
{
    public void Configure(EntityTypeBuilder<DomainRow> builder)
    {
        builder.ToTable("domain", "directory");
        builder.HasKey(d => d.Name);
    }
}
