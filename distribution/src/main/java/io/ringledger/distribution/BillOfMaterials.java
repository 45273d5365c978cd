package io.ringledger.distribution;

import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

/** The CycloneDX bill of materials that the build has made, as XML. Stateless. */
final class BillOfMaterials {
    private static final String NO_DOCTYPE = "http://apache.org/xml/features/disallow-doctype-decl";

    private BillOfMaterials() {}

    /**
     * Its components, by group and name.
     *
     * @throws RefusedException if it is missing or is no bill of materials
     */
    static List<Component> read(final Path file) throws IOException, RefusedException {
        if (!Files.exists(file)) {
            throw new RefusedException("no " + file
                    + ": the bill of materials is made by an online build, run Maven without -o");
        }
        final List<Component> components = new ArrayList<>();
        for (final Element list : children(parse(file).getDocumentElement(), "components")) {
            for (final Element component : children(list, "component")) {
                components.add(component(component));
            }
        }
        if (components.isEmpty()) {
            throw new RefusedException(file + " has no components");
        }
        components.sort(Comparator.comparing(Component::group)
                .thenComparing(Component::name)
                .thenComparing(Component::version));
        return List.copyOf(components);
    }

    private static Document parse(final Path file) throws IOException, RefusedException {
        try {
            final DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature(NO_DOCTYPE, true);
            return factory.newDocumentBuilder().parse(file.toFile());
        } catch (final ParserConfigurationException e) {
            throw new IllegalStateException("this JDK cannot read XML safely", e);
        } catch (final SAXException e) {
            throw new RefusedException(file + " is no bill of materials: " + e.getMessage());
        }
    }

    private static Component component(final Element element) {
        final List<String> licences = new ArrayList<>();
        for (final Element list : children(element, "licenses")) {
            for (final Element licence : children(list, "license")) {
                final String id = text(licence, "id");
                licences.add(id.isEmpty() ? text(licence, "name") : id);
            }
            for (final Element expression : children(list, "expression")) {
                licences.add(expression.getTextContent().strip());
            }
        }
        String sha256 = "";
        for (final Element list : children(element, "hashes")) {
            for (final Element hash : children(list, "hash")) {
                if (hash.getAttribute("alg").equals("SHA-256")) {
                    sha256 = hash.getTextContent().strip().toLowerCase(Locale.ROOT);
                }
            }
        }
        return new Component(
                text(element, "group"),
                text(element, "name"),
                text(element, "version"),
                sha256,
                licences);
    }

    private static String text(final Element parent, final String name) {
        final List<Element> found = children(parent, name);
        return found.isEmpty() ? "" : found.getFirst().getTextContent().strip();
    }

    /** Its direct children of that name, in whatever version of CycloneDX. */
    private static List<Element> children(final Element parent, final String name) {
        final List<Element> found = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof final Element element && name.equals(element.getLocalName())) {
                found.add(element);
            }
        }
        return found;
    }
}
